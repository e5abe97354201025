"""What changed between campaigns, and so what a difference between them can and cannot be put down to."""

from dataclasses import dataclass

import pandas as pd

from reportlib.definitions import CHANNEL_NAMES
from reportlib.metrics.comparison.design.design import Design
from reportlib.metrics.comparison.mix.composition import apart
from reportlib.metrics.comparison.reasons import listed

SAME_AUDIENCE = 0.9  # of the smaller campaign's contacts are in the other one too
SAME_SIZE = 1.5  # times as large at most
SAME_WEEK = 7  # days between the starts at most
SAME_MESSAGES = 1.1  # times as many to each person at most
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Comparability:
    """How far a difference can be put down to one cause: `grade` A (one thing changed, at random) to D, and why."""

    grade: str
    reasons: tuple[str, ...]


def differences(compared: pd.DataFrame, design: Design) -> pd.DataFrame:
    """What the campaigns of `comparable` have in common and what not, given their `design`.

    Returns
    -------
    DataFrame, one row per aspect (account, only where there are several; template, audience, channel, mix, only where
    breakdowns were asked for; weekday, hour, size, date; messages, only where people had more of one campaign than of
    another), with the columns
        aspect, detail : str
        same : bool

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> design = metrics.design(warehouse, compared)
    >>> metrics.differences(compared, design)[["aspect", "same"]].head(2)
         aspect   same
    0  template  False
    1  audience   True
    """
    found = [
        _alike("template", compared["template_id"], compared["label"]),
        _audience(compared, design),
        _channel(compared, design),
        *_mix(compared, design),
        _alike("weekday", compared["weekday"].map(lambda day: WEEKDAYS[day - 1]), compared["label"]),
        _hour(compared),
        _size(compared, design),
        _date(compared),
        *_messages(compared, design),
    ]
    if compared["account_id"].nunique() > 1:
        found.insert(0, _alike("account", compared["account"], compared["label"]))
    return pd.DataFrame(found, columns=["aspect", "same", "detail"]).astype(
        {"aspect": "str", "same": "bool", "detail": "str"}
    )


def comparability(changed: pd.DataFrame, design: Design) -> Comparability:
    """The grade that `differences` allow; that of an experiment only where its `design` is sound.

    A: assigned at random, and at most one thing changed. B: at random with more changed, or not at random with at most
    one. C: not at random, and two changed. D: more, or people of different accounts.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> design = metrics.design(warehouse, compared)
    >>> metrics.comparability(metrics.differences(compared, design), design).grade
    'A'
    """
    aspects = changed.loc[~changed["same"], "aspect"].tolist()
    at_random = design.is_sound
    how = "People are declared to have been assigned at random, and no check speaks against it."
    if not at_random:
        how = "People were not assigned at random."
    if design.declared and not at_random:
        how = "People are declared to have been assigned at random, but a check speaks against it."
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


def _channel(compared, design):
    """Same where the campaigns used the same channels, in the same shares."""
    told = _alike("channel", compared["channels"].map(_channels), compared["label"])
    counts = design.mixes.get("channel")
    if not told[1] or counts is None or not apart(counts):
        return told
    return "channel", False, f"{told[2]}, in other shares: {_shares(compared, counts, CHANNEL_NAMES)}"


def _mix(compared, design):
    """Of each breakdown but channels, whether its groups have the same shares."""
    mixes = {
        name.removeprefix("attribute:").replace("_", " "): counts
        for name, counts in design.mixes.items()
        if name != "channel"
    }
    if not mixes:
        return
    other = [f"{name} ({_shares(compared, counts, {})})" for name, counts in mixes.items() if apart(counts)]
    yield "mix", not other, f"other shares of {listed(other)}" if other else f"alike by {listed([*mixes])}"


def _shares(compared, counts, names):
    """ "A: WhatsApp 80 %, SMS 20 %; B: …", the three largest groups of each."""
    told = []
    for row in compared.itertuples(index=False):
        groups = counts[counts["campaign_id"] == row.campaign_id].nlargest(3, "audience")
        whole = counts.loc[counts["campaign_id"] == row.campaign_id, "audience"].sum()
        parts = zip(groups["group"], groups["audience"], strict=True)
        told.append(f"{row.label}: " + ", ".join(f"{names.get(g, g)} {100 * n / whole:.0f} %" for g, n in parts))
    return "; ".join(told)


def _audience(compared, design):
    shared = design.shared
    if design.is_sound:
        return "audience", True, "declared to be random parts of one audience"
    if not compared["by_person"].all():
        names = listed(compared.loc[~compared["by_person"], "label"].tolist())
        return "audience", False, f"not known: {names} known as totals only"
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


def _size(compared, design):
    smallest, largest = compared["audience"].min(), compared["audience"].max()
    people = f"{smallest:,} people" if smallest == largest else f"{smallest:,} to {largest:,} people"
    if design.is_sound:
        return "size", True, f"{people}, as planned"
    return "size", largest <= SAME_SIZE * smallest, people


def _messages(compared, design):
    """Whether people had several messages of one campaign, a reminder or a second try, and not of another."""
    each = compared["campaign_id"].map(design.messages_each)
    if each.notna().all() and each.max() > SAME_MESSAGES * each.min():
        told = _listed(compared["label"], [f"{number:.1f} to each" for number in each])
        yield "messages", False, told


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
