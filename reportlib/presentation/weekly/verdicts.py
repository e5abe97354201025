"""Whether something is usual, in words with a level: good news and bad news are not the same for every figure."""

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import definition
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import AS_USUAL, HIGHER, JUDGED, LOWER, NOTHING, TOO_LITTLE, TOO_YOUNG
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import SYMBOLS, Verdict

LEVELS = {  # metric: (higher, lower)
    "delivered": ("good", "bad"),
    "failed": ("bad", "good"),
    "clicked": ("good", "warning"),
    "opened": ("note", "warning"),
}
WORST_FIRST = ("bad", "warning", "good", "note")
UNUSUAL = (HIGHER, LOWER)


def verdict(metric: str, word: str) -> Verdict:
    """A word of `metrics.usual` about a metric, with its level."""
    if word in UNUSUAL:
        return Verdict(LEVELS[metric][word == LOWER], word)
    return Verdict("good" if word == AS_USUAL else "note", word)


def campaign_verdict(rows: pd.DataFrame) -> Verdict:
    """One campaign's rows of `metrics.week_verdicts` in a few words: what is unusual, else that nothing is."""
    unusual = rows[rows["verdict"].isin(UNUSUAL)]
    if len(unusual):
        found = [verdict(row.metric, row.verdict) for row in unusual.itertuples(index=False)]
        channels = rows["channel"].nunique()
        words = [figure_name(row, channels) + f" {row.verdict}" for row in unusual.itertuples(index=False)]
        return Verdict(min((one.level for one in found), key=WORST_FIRST.index), "; ".join(words))
    words = set(rows["verdict"])
    if words & set(JUDGED):
        return Verdict("good", AS_USUAL)
    if TOO_YOUNG in words:
        return Verdict("note", "too young to be judged")
    if TOO_LITTLE in words:
        fewest = int(rows.loc[rows["verdict"] == TOO_LITTLE, "history"].min())
        return Verdict("note", f"{TOO_LITTLE}: {fewest} earlier of {MIN_HISTORY} needed")
    return Verdict("note", NOTHING)


def week_verdict(verdicts: pd.DataFrame) -> Verdict:
    """All campaigns' rows of `metrics.week_verdicts` in a few words: how many are unusual, and which way."""
    unusual = verdicts[verdicts["verdict"].isin(UNUSUAL)]
    if unusual.empty:
        return campaign_verdict(verdicts)
    levels = [verdict(row.metric, row.verdict).level for row in unusual.itertuples(index=False)]
    parts = []
    for word in UNUSUAL:
        n = unusual.loc[unusual["verdict"] == word, "campaign_id"].nunique()
        parts += [f"{numbers.plural(n, 'campaign')} {word}"] if n else []
    return Verdict(min(levels, key=WORST_FIRST.index), ", ".join(parts))


def figure_name(row, channels: int = 2) -> str:
    """ "clicked on WhatsApp"; without the channel where there is one only."""
    label = definition(row.metric).label.lower()
    return f"{label} on {WITHIN_A_SENTENCE[row.channel]}" if channels > 1 else label


def symbol(one: Verdict) -> str:
    """The verdict's sign, which tells its level without colour."""
    return SYMBOLS[one.level]
