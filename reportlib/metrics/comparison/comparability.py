"""What changed between campaigns, and so what a difference between them can and cannot be put down to."""

from dataclasses import dataclass

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES
from reportlib.metrics.comparison.guards import listed

SAME_AUDIENCE = 0.9  # of the smaller campaign's contacts are in the other one too
SAME_SIZE = 1.5  # times as large at most
SAME_WEEK = 7  # days between the starts at most
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Comparability:
    """How far a difference can be put down to one cause: `grade` A (one thing changed, at random) to D, and why."""

    grade: str
    reasons: tuple[str, ...]


def randomised(compared: pd.DataFrame) -> bool:
    """Whether people were assigned at random: the campaigns of `comparable` are variants of one declared experiment."""
    return bool(compared["experiment_id"].notna().all() and compared["experiment_id"].nunique() == 1)


def differences(compared: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """What the campaigns of `comparable` have in common and what not, given their `overlap`.

    Returns
    -------
    DataFrame, one row per aspect (account, only where there are several; template, audience, channel, weekday, hour,
    size, date), with the columns
        aspect, detail : str
        same : bool
    """
    found = [
        _alike("template", compared["template_id"], compared["label"]),
        _audience(compared, shared),
        _alike("channel", compared["channels"].map(_channels), compared["label"]),
        _alike("weekday", compared["weekday"].map(lambda day: WEEKDAYS[day - 1]), compared["label"]),
        _hour(compared),
        _size(compared),
        _date(compared),
    ]
    if compared["account_id"].nunique() > 1:
        found.insert(0, _alike("account", compared["account"], compared["label"]))
    return pd.DataFrame(found, columns=["aspect", "same", "detail"]).astype(
        {"aspect": "str", "same": "bool", "detail": "str"}
    )


def comparability(changed: pd.DataFrame, at_random: bool) -> Comparability:
    """The grade that `differences` allow.

    A: assigned at random, and at most one thing changed. B: at random with more changed, or not at random with at most
    one. C: not at random, and two changed. D: more, or people of different accounts.
    """
    aspects = changed.loc[~changed["same"], "aspect"].tolist()
    how = "People were assigned at random." if at_random else "People were not assigned at random."
    what = f"Changed between them: {', '.join(aspects) or 'nothing that is recorded'}."
    if at_random:
        grade = "A" if len(aspects) <= 1 else "B"
    elif "account" in aspects:
        grade = "D"
    else:
        grade = {0: "B", 1: "B", 2: "C"}.get(len(aspects), "D")
    return Comparability(grade, (how, what))


def _alike(aspect, values, labels):
    """Same where every campaign has one value; a value that is not recorded is like no other."""
    known = values.dropna()
    if known.empty:
        return aspect, False, "not recorded"
    if len(known) == len(values) and known.nunique() == 1:
        return aspect, True, str(known.iloc[0])
    return aspect, False, _listed(labels, values.astype(object).fillna("not recorded"))


def _channels(used):
    """ "e-mail, SMS and WhatsApp"; None where no message says."""
    return _named([CHANNEL_NAMES[channel] for channel in used.split("+")]) if used else None


def _audience(compared, shared):
    if randomised(compared):
        return "audience", True, "random parts of one audience"
    pairs = len(compared) * (len(compared) - 1) // 2
    least = float(shared["of_smaller"].min()) if len(shared) == pairs else 0.0
    most = float(shared["of_smaller"].max()) if len(shared) else 0.0
    percent = (
        f"{100 * least:.0f} %" if round(least, 2) == round(most, 2) else f"{100 * least:.0f} to {100 * most:.0f} %"
    )
    detail = f"{percent} of the smaller one's people are in the other one too"
    known = compared["segment"].dropna()
    if len(known) == len(compared) and known.nunique() == 1:
        detail += f"; segment {known.iloc[0]}"
    elif len(known):
        detail += f"; segments: {_listed(compared['label'], compared['segment'].fillna('none'))}"
    return "audience", least >= SAME_AUDIENCE, detail


def _hour(compared):
    hours = compared["hour"]
    apart = max(min((a - b) % 24, (b - a) % 24) for a in hours for b in hours)
    words = hours.map(lambda hour: f"{hour}:00")
    return "hour", apart <= 1, words.iloc[0] if hours.nunique() == 1 else _listed(compared["label"], words)


def _size(compared):
    smallest, largest = compared["audience"].min(), compared["audience"].max()
    people = f"{smallest:,} people" if smallest == largest else f"{smallest:,} to {largest:,} people"
    return "size", largest <= SAME_SIZE * smallest, people


def _date(compared):
    apart = compared["started_at"].max() - compared["started_at"].min()
    same = apart <= pd.Timedelta(days=SAME_WEEK)
    days = apart.days
    words = f"started {days} day{'' if days == 1 else 's'} apart" if days else "started within a day"
    return "date", same, words


def _listed(labels, values):
    """ "A and B: e-mail; C: SMS", so that thirty campaigns of three kinds are three entries."""
    by_value = {}
    for label, value in zip(labels, values, strict=True):
        by_value.setdefault(str(value), []).append(label)
    return "; ".join(f"{_named(names)}: {value}" for value, names in by_value.items())


def _named(names):
    if len(names) > 3:
        return f"{names[0]} and {len(names) - 1} others"
    return listed(names)
