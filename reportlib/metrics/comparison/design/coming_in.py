"""Whether what people did came in from all campaigns of a comparison alike: clocks that are wrong, feeds that end."""

import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.comparison.design.checks import ALARM, p_words
from reportlib.metrics.comparison.reasons import Reason, listed
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people.counted import plausible
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.statistics.multiplicity import same_shares_p
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import sound_ms

KINDS = {"clicked": "Clicks", "replied": "Replies", "opened": "Opens"}
MISSED = 10  # events that were to be expected at least, where an end is said to be one
LAST_PART = 0.75
IMPOSSIBLE = -1


def coming_in(warehouse: Warehouse, compared: pd.DataFrame) -> pd.DataFrame:
    """The events of the campaigns of `comparable` by how long after the hand-over they came, up to the age compared.

    Returns
    -------
    DataFrame with the columns campaign_id, kind : str; hour : int64, whole hours, IMPOSSIBLE before the hand-over or in
    the future; people : int64, who did it in that hour
    """
    after_ms = sound_ms(events.c.occurred_at) - handed_over_ms()
    age_ms = round(float(compared["compared_hours"].iloc[0]) * HOUR_MS)
    possible = case((after_ms < 0, 0), else_=after_ms - after_ms % HOUR_MS)
    known = (
        select(
            messages.c.campaign_id,
            messages.c.contact_id,
            events.c.kind,
            case((~plausible(warehouse.opened_ms), IMPOSSIBLE), else_=possible).label("hour_ms"),
        )
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(messages.c.campaign_id.in_(compared["campaign_id"].tolist()))
        .where(events.c.kind.in_(KINDS), after_ms.is_not(None), after_ms <= age_ms)
        .cte("known")
    )
    keys = (known.c.campaign_id, known.c.kind, known.c.hour_ms)
    people = func.count(known.c.contact_id.distinct()).label("people")
    found = warehouse.sql(select(*keys, people).group_by(*keys)).astype({"hour_ms": "int64", "people": "int64"})
    hour = found["hour_ms"].where(found["hour_ms"] < 0, found["hour_ms"] // HOUR_MS)
    return found.assign(hour=hour)[["campaign_id", "kind", "hour", "people"]]


def lost_events(compared: pd.DataFrame, told: pd.DataFrame) -> dict[str, Reason]:
    """Per kind of event that the campaigns of `comparable` measure why rates of it may not be compared: `told`, by
    `coming_in`, shows that events of one campaign are lost."""
    found = {}
    for kind in KINDS:
        measured = compared[compared[kind].notna() & compared["by_person"] & (compared["audience"] > 0)]
        rows = told[(told["kind"] == kind) & told["campaign_id"].isin(measured["campaign_id"])]
        if len(measured) > 1 and (lost := _impossible(measured, rows, kind) or _ended(measured, rows, kind)):
            found[kind] = lost
    return found


def _impossible(compared, told, kind):
    """More of one campaign are dated before their message, and left out, than of the others."""
    wrong = told[told["hour"] == IMPOSSIBLE].set_index("campaign_id")["people"]
    people = compared["audience"]
    counts = compared["campaign_id"].map(wrong).fillna(0).clip(upper=people)
    if counts.sum() in (0, people.sum()) or (p := same_shares_p([counts, people - counts])) >= ALARM:
        return None
    shares = zip(compared["label"], counts / people, strict=True)
    whose = listed([f"{100 * share:.1f} % of the people of {label}" for label, share in shares])
    return _stopped(f"{KINDS[kind]} of {whose} are dated before their message, and left out (χ² p {p_words(p)})")


def _ended(compared, told, kind):
    """No events of one campaign after some hour, or none at all, though those of the others let many be expected.

    Campaigns may be answered faster than others, so that an end has to be abrupt as well: answers that die away, even
    as fast as exponentially, leave n^¼ of n to the last quarter of the time in which they come.
    """
    known = told[told["hour"] != IMPOSSIBLE]
    for row in compared.itertuples(index=False):
        own = known[known["campaign_id"] == row.campaign_id]
        others = known[known["campaign_id"] != row.campaign_id]
        count, last = own["people"].sum(), own["hour"].max()
        if not count:
            expected = others["people"].sum() * row.audience / (compared["audience"].sum() - row.audience)
            if kind != "replied" and expected >= MISSED:  # nobody replies to what asks nothing
                return _stopped(f"{KINDS[kind]} of {row.label} are none, where {expected:.0f} were to be expected")
            continue
        late = others.loc[others["hour"] > last, "people"].sum() / max(1, others["people"].sum())
        expected = count * late / (1 - late) if late < 1 else 0
        just_before = own.loc[own["hour"] >= LAST_PART * last, "people"].sum()
        abrupt = just_before >= max(MISSED, 3 * count**0.25)
        if expected >= MISSED and abrupt and (1 - late) ** count < ALARM:
            end = f"{KINDS[kind]} of {row.label} end {last + 1:.0f} hours after its messages, those of others do not"
            return _stopped(f"{end}: {expected:.0f} more were to be expected")
    return None


def _stopped(what):
    text = f"{what}: they did not come in from all alike, and the rates may differ for that alone."
    return Reason("coming in", "stopped", text)
