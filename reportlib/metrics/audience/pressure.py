"""Pressure: whether the same people click less when they have just had more messages."""

import numpy as np
import pandas as pd
import scipy
from sqlalchemy import Integer, and_, case, cast, func, literal, select

from reportlib.metrics.audience.account import audience, of_account
from reportlib.metrics.audience.people import ALL_CHANNELS
from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import engagement_events
from reportlib.metrics.statistics.conditional import fit
from reportlib.metrics.statistics.multiplicity import holm_alphas
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages

LEVELS = (0, 1, 2, 3)  # messages in the days before; the last and more
WINDOWS = {"days 1 to 7": (1, 7), "days 8 to 14": (8, 14)}
CLASSES = 3  # of campaigns, by their click rate on the channel: a good one is no effect of pressure
WEEKS, RIPE_DAYS = 26, 3  # how far back, and how old a message is by when it has been answered
MOST_SENT, MOST_CLICKED = 60, 10  # messages of a person; who has more is left out
FEWEST = 50  # persons who clicked some and not others
FEWEST_EACH = 10  # of their messages of a level that they clicked, and did not
LEVEL = 0.05
LOWER, HIGHER, ALIKE, UNKNOWN = "lower", "higher", "not distinguishable", "too few people tell"
COLUMNS = {"channel": "str", "window": "str", "before": "int64", "messages": "int64", "clicked": "int64"}
COLUMNS |= dict.fromkeys(("odds_ratio", "low", "high", "p_value"), "float64") | {"people": "int64", "verdict": "str"}


@of_account
@remembered
def pressure(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """How the odds that people click a message differ by how many others they had had in the days before, of all
    channels together: within the same person and channel, so that keen people who get more make no effect.

    Of the account's last 26 weeks, messages that did not fail, three days old at least, where clicks are measured.
    Campaigns are of three classes by their own click rate, so that good weeks in which more is sent make less of one.
    A verdict holds at 5 % for the three levels of a channel and window together (Holm).

    Returns
    -------
    DataFrame, one row per channel (and "all"), window and number of messages before, with the columns
        channel, window : str, "days 1 to 7" before the message, or "days 8 to 14"
        before : int64, messages in these days: 0, 1, 2, or 3 for three and more
        messages, clicked : int64, how many had so many before them, and how many of these a person clicked
        odds_ratio, low, high : float64, against none before, and its 95 % interval; NaN where nothing can be said
        p_value : float64; people : int64, persons who clicked some and not others
        verdict : str, "lower", "higher", "not distinguishable", or "too few people tell"; "" of none before

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> asked = metrics.pressure(warehouse, "acai").query("channel == 'email' and window == 'days 1 to 7'")
    >>> asked[["before", "messages", "clicked", "verdict"]].head(2)
       before  messages  clicked              verdict
    4       0     22128      753
    5       1      1815       68  not distinguishable
    """
    about, frames = audience(warehouse, account), []
    for window, days in WINDOWS.items() if about else ():
        sent = _messages(about, *days)
        if sent is None:
            continue
        rates = _counts(warehouse.sql(_rates(sent)))
        profiles = _counts(warehouse.sql(_profiles(sent, rates)))
        for channel in [ALL_CHANNELS, *sorted(set(rates["channel"]))]:
            mine, counted = (
                part if channel == ALL_CHANNELS else part[part["channel"] == channel] for part in (profiles, rates)
            )
            totals = counted.groupby("level")[["messages", "clicked"]].sum().reindex(LEVELS, fill_value=0)
            frames.append(_estimated(mine, totals).assign(channel=channel, window=window))
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    return pd.concat([empty, *frames], ignore_index=True)[[*COLUMNS]].astype(COLUMNS)


def pressure_cap(frame: pd.DataFrame) -> dict | None:
    """The most messages in seven days that `pressure` supports: from the first number before a message on, every one
    makes clicks less likely. None where it supports none.

    Keys: cap; messages, that were beyond it; clicked, of these, lost at most.

    Example
    -------
    >>> metrics.pressure_cap(metrics.pressure(warehouse, "acai")) is None
    True
    """
    rows = frame[(frame["channel"] == ALL_CHANNELS) & (frame["window"] == "days 1 to 7") & (frame["before"] > 0)]
    cap = None
    for row in rows.sort_values("before", ascending=False).itertuples():
        if row.verdict != LOWER:
            break
        cap = row.before
    if cap is None:
        return None
    beyond = rows[rows["before"] >= cap]
    return {"cap": int(cap), "messages": int(beyond["messages"].sum()), "clicked": int(beyond["clicked"].sum())}


def _messages(about, first_day, last_day):
    """Messages that may be clicked: contact_id, channel, campaign_id, level, clicked (1 or 0). None where none may."""
    m, ids, at = messages.c, list(about.campaign_ids), about.at_ms()
    told = told_by(about.warehouse, select_campaigns(about.warehouse, ids))
    asked = of_these(told[told["by_person"] & told["clicked"]])
    if asked is None:
        return None
    start = about.as_of_ms - WEEKS * 7 * DAY_MS
    mine = (
        select(m.message_id, m.contact_id, m.channel, m.campaign_id, at.label("at_ms"),
               case((asked, 1), else_=0).label("asked"))
        .where(m.campaign_id.in_(ids), m.status.in_(("sent", "delivered")), at >= start - 14 * DAY_MS)
        .cte("sent_lately")
    )  # fmt: skip
    s = mine.c
    range_ = (-last_day * DAY_MS, -1 if first_day == 1 else -((first_day - 1) * DAY_MS + 1))
    before = func.count().over(partition_by=s.contact_id, order_by=s.at_ms, range_=range_)
    counted = select(*s, cast(before, Integer).label("before")).cte("with_before")
    event = engagement_events(ids, about.warehouse.opened_ms, judge_of(about.warehouse, ids))
    e = event.c
    clicks = select(e.message_id).where(e.kind == "clicked", e.verdict == HUMAN).distinct().cte("clicked_messages")
    c = counted.c
    return (
        select(
            c.contact_id,
            c.channel,
            c.campaign_id,
            case((c.before >= LEVELS[-1], LEVELS[-1]), else_=c.before).label("level"),
            case((clicks.c.message_id.is_not(None), 1), else_=0).label("clicked"),
        )
        .select_from(counted.outerjoin(clicks, clicks.c.message_id == c.message_id))
        .where(c.asked == 1, c.at_ms >= start, c.at_ms <= about.as_of_ms - RIPE_DAYS * DAY_MS)
        .cte("pressed")
    )


def _counts(frame):
    """The frame with whole numbers, also where it has no row."""
    return frame.astype({name: "int64" for name in frame.columns if name not in ("channel", "campaign_id")})


def _rates(sent):
    keys = sent.c.channel, sent.c.campaign_id, sent.c.level
    counted = func.count().label("messages"), func.sum(sent.c.clicked).label("clicked")
    return select(*keys, *counted).group_by(*keys)


def _profiles(sent, rates):
    """People by channel and how many messages of each level and class of campaign they had, and clicked."""
    s, cell = sent.c, {}
    kind = _class_of(rates, s)
    row = select(s.contact_id, s.channel, s.clicked, (s.level * CLASSES + kind).label("cell")).cte("in_cell")
    for at in range(len(LEVELS) * CLASSES):
        inside = row.c.cell == at
        cell[f"m{at}"] = cast(func.count(case((inside, 1))), Integer)
        cell[f"y{at}"] = cast(func.count(case((and_(inside, row.c.clicked == 1), 1))), Integer)
    answered = func.sum(row.c.clicked)
    person = (
        select(row.c.channel, *[column.label(name) for name, column in cell.items()])
        .group_by(row.c.contact_id, row.c.channel)
        .having(and_(answered > 0, answered <= MOST_CLICKED, answered < func.count(), func.count() <= MOST_SENT))
        .cte("profile")
    )
    keys = [person.c.channel, *[person.c[name] for name in cell]]
    return select(*keys, func.count().label("people")).group_by(*keys)


def _class_of(rates, sent):
    """The number of a message's class: its campaign's, by where its click rate is among the channel's messages."""
    each = rates.groupby(["channel", "campaign_id"], as_index=False)[["messages", "clicked"]].sum()
    each = each.assign(rate=each["clicked"] / each["messages"]).sort_values(["channel", "rate"])
    place = each.groupby("channel")["messages"].cumsum() - each["messages"] / 2
    share = place / each.groupby("channel")["messages"].transform("sum")
    each["kind"] = np.minimum((share * CLASSES).astype("int64"), CLASSES - 1)
    found = [
        (and_(sent.channel == channel, sent.campaign_id.in_(some["campaign_id"].tolist())), kind)
        for (channel, kind), some in each.groupby(["channel", "kind"])
        if kind
    ]
    return case(*found, else_=0) if found else literal(0)


def _is_told(sent, clicked) -> bool:
    return min(clicked, sent - clicked) >= FEWEST_EACH


def _estimated(profiles, totals):
    sorts = range(len(LEVELS) * CLASSES)
    sent, answered = (profiles[[f"{what}{at}" for at in sorts]].to_numpy() for what in "my")
    people = profiles["people"].to_numpy()
    level, kind = np.divmod(np.arange(len(sorts)), CLASSES)
    counted, clicked = people @ sent, people @ answered
    told = [at for at in LEVELS if _is_told(counted[level == at].sum(), clicked[level == at].sum())]
    known = np.isin(level, told)  # of other levels nothing can be said: those messages are left out
    sent, answered = sent * known, answered * known
    columns = {("level", at): level == at for at in LEVELS[1:]} | {("kind", at): kind == at for at in range(1, CLASSES)}
    used = {name: one for name, one in columns.items() if (sent[:, one] > 0).any()}
    frame = pd.DataFrame(
        {"before": list(LEVELS), "messages": totals["messages"].to_numpy(), "clicked": totals["clicked"].to_numpy()}
    )
    frame = frame.assign(odds_ratio=np.nan, low=np.nan, high=np.nan, p_value=np.nan, people=int(people.sum()))
    frame["verdict"] = ["", *[UNKNOWN] * (len(LEVELS) - 1)]
    enough = people.sum() >= FEWEST and used
    found = fit(sent, answered, people, np.column_stack([*used.values()]).astype(float)) if enough else None
    if found is None:
        return frame
    error = np.sqrt(np.diag(found.covariance))
    asked = [(at, place) for place, (what, at) in enumerate(used) if what == "level"]
    p_values = {at: float(2 * scipy.special.ndtr(-abs(found.effects[place] / error[place]))) for at, place in asked}
    alphas = holm_alphas(np.array([*p_values.values()]), LEVEL)
    shown = {at for (at, p_value), alpha in zip(p_values.items(), alphas, strict=True) if p_value <= alpha}
    for at, place in asked:
        effect, reach = found.effects[place], scipy.special.ndtri(1 - LEVEL / 2) * error[place]
        frame.loc[at, ["odds_ratio", "low", "high"]] = np.exp([effect, effect - reach, effect + reach])
        frame.loc[at, "p_value"] = p_values[at]
        frame.loc[at, "verdict"] = (LOWER if effect < 0 else HIGHER) if at in shown else ALIKE
    return frame
