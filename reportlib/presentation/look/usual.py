"""Whether something is usual, in words with a level: good news and bad news are not the same for every figure."""

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES as WITHIN_A_SENTENCE
from reportlib.metrics import definition
from reportlib.metrics.statistics.expectation import MIN_HISTORY
from reportlib.metrics.weekly.against_history import AS_USUAL, HIGHER, JUDGED, LOWER, NOTHING, TOO_LITTLE, TOO_YOUNG
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import Gauge
from reportlib.presentation.look.finding import SYMBOLS, Verdict, worst

LEVELS = {  # metric: (higher, lower)
    "delivered": ("good", "bad"),
    "failed": ("bad", "good"),
    "clicked": ("good", "warning"),
    "opened": ("note", "warning"),
}
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
        return Verdict(worst(one.level for one in found), "; ".join(words))
    given = set(rows["verdict"])
    if given & set(JUDGED):
        return Verdict("good", AS_USUAL)
    if TOO_YOUNG in given:
        return Verdict("note", "too young to be judged")
    if TOO_LITTLE in given:
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
    return Verdict(worst(levels), ", ".join(parts))


def figure_name(row, channels: int = 2) -> str:
    """ "clicked on WhatsApp"; without the channel where there is one only."""
    label = definition(row.metric).label.lower()
    return f"{label} on {WITHIN_A_SENTENCE[row.channel]}" if channels > 1 else label


def symbol(one: Verdict) -> str:
    """The verdict's sign, which tells its level without colour."""
    return SYMBOLS[one.level]


def usual_for_you(rows: pd.DataFrame, metric: str) -> Verdict | None:
    """One campaign's rows of `metrics.campaign_verdicts` about a metric, in a card's words; None where nobody asked."""
    asked = rows[rows["metric"] == metric]
    if asked.empty:
        return None
    unusual = asked[asked["verdict"].isin(UNUSUAL)]
    if len(unusual):
        where = {word: _channels(of_word) for word, of_word in unusual.groupby("verdict", sort=False)}
        said = [f"{word} on {channels}" if len(asked) > 1 else word for word, channels in where.items()]
        return Verdict(worst(verdict(metric, word).level for word in where), "; ".join(said))
    judged, others = asked[asked["verdict"].isin(JUDGED)], asked[(asked["base"] > 0) & ~asked["verdict"].isin(JUDGED)]
    if len(judged) and others.empty:
        return Verdict("note", "usual for you")
    if len(judged):
        return Verdict("note", f"usual for you on {_channels(judged)}")
    if (asked["verdict"] == TOO_YOUNG).any():
        return Verdict("note", "too young to judge")
    return Verdict("note", "usual: not known yet")


def gauge_of(rows: pd.DataFrame, metric: str, value: float | None, goal: float | None = None) -> Gauge | None:
    """The rate among what is usual for it: as it would be if each channel lay at an end of its own range. None where
    there is nothing to hold it against."""
    if value is None:
        return None
    asked = rows[(rows["metric"] == metric) & (rows["base"] > 0)]
    if asked.empty or not asked["verdict"].isin(JUDGED).all():
        return None if goal is None else Gauge(float(value), goal=goal)
    weight = asked["base"] / asked["base"].sum()
    return Gauge(float(value), float((weight * asked["low"]).sum()), float((weight * asked["high"]).sum()), goal)


def _channels(rows):
    return ", ".join(WITHIN_A_SENTENCE.get(channel, "all channels") for channel in rows["channel"])
