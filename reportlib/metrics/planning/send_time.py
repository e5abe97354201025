"""A test of send times: who is written to in which slot, at random, and the campaigns that it will be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import String, cast, select

from reportlib.definitions import CHANNEL_NAMES
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.audience.account import audience
from reportlib.metrics.audience.people import by_channel
from reportlib.metrics.audience.settled import with_contacts
from reportlib.metrics.comparison.age.equal_age import comparable, is_final
from reportlib.metrics.comparison.campaigns import compare_campaigns
from reportlib.metrics.comparison.design.design import design
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import campaigns, select_campaigns
from reportlib.metrics.weekly.iso_week import Week, parse_week, week_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import segment_members, segments

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLOT = re.compile(r"(\w{3,9})\s+(\d{1,2})(?::00|\s*h)?")
_ARM = re.compile(rf"({'|'.join(WEEKDAYS)}) \d{{1,2}} h", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")


@dataclass(frozen=True)
class SendTimeTest:
    """A test of send times as it is written down: `split` for whoever sends, the others to be loaded.

    split : contact_id, slot ("Tue 19 h"), send_at (ISO 8601, on the account's clock), campaign_id : str
    campaigns, assignments : rows of the contract's tables

    Example
    -------
    >>> test = metrics.send_time_test(warehouse, ["tue 10", "tue 19"], "acai", week="2099-W50", people=1000)
    >>> test.experiment_id
    'send-time-2099-W50'
    """

    experiment_id: str
    split: pd.DataFrame
    campaigns: pd.DataFrame
    assignments: pd.DataFrame


def send_time_test(
    warehouse: Warehouse, slots: Sequence[str], account=None, channel: str = "whatsapp", week: str | None = None,
    segment=None, people: int | None = None, seed: int = 1, experiment: str | None = None,
) -> SendTimeTest:  # fmt: skip
    """Who of an account is written to in which of these slots: everybody once, by lot, in arms whose sizes differ by
    at most one person.

    `slots` are "tue 19" and the like, an hour of the `week` ("2026-W50"; without one, the next) on the account's clock.
    The people are those who were written to on the `channel` before and can still be reached by it, or those of them
    in a `segment`; with `people`, so many of them, by lot. The same `seed`, people and slots make the same test.

    Raises
    ------
    InvalidParameters (fewer than two slots, one that is none or is over, fewer people than slots, no such account,
    segment, channel or week, an experiment that is there already), UnknownTimeZone

    Example
    -------
    >>> test = metrics.send_time_test(warehouse, ["tue 10", "tue 19"], "acai", week="2099-W50", people=1000)
    >>> test.split["slot"].value_counts().sort_index()
    slot
    Tue 10 h    500
    Tue 19 h    500
    Name: count, dtype: int64
    """
    about = select_account(warehouse, account)
    zone, now = about["timezone"], pd.Timestamp(warehouse.opened_ms, unit="ms", tz="UTC")
    when = week_of(now, zone).previous(-1) if week is None else parse_week(week, warehouse.opened_ms, zone)
    found = [_slot(text) for text in slots]
    if len(found) < 2 or len(set(found)) < len(found):
        raise InvalidParameters("a test of send times takes two different slots or more, such as tue 10 and tue 19")
    moments = [_moment(when, *slot, zone) for slot in found]
    if min(moments) <= now:
        raise InvalidParameters(f"{slots[int(np.argmin(moments))]!r} of {when} is over: name a later week")
    name = f"send-time-{when}" if experiment is None else experiment
    _new(warehouse, name)
    drawn = _drawn(_reachable(warehouse, about, channel, segment), people, len(found), seed)
    names = [f"{WEEKDAYS[weekday - 1].title()} {hour} h" for weekday, hour in found]
    ids = [f"{name}-{WEEKDAYS[weekday - 1]}-{hour}" for weekday, hour in found]
    arm = drawn["arm"].to_numpy()
    local = [moment.tz_convert(zone).isoformat(timespec="minutes") for moment in moments]
    chosen = {"slot": names, "send_at": local, "campaign_id": ids}
    split = drawn[["contact_id"]].assign(**{key: np.take(values, arm) for key, values in chosen.items()})
    rows = {
        "campaign_id": ids,
        "account_id": str(about["account_id"]),
        "name": [f"{name}, {slot}" for slot in names],
        "status": "scheduled",
        "experiment_id": name,
        "variant": names,
        "scheduled_at": [moment.isoformat(timespec="minutes") for moment in moments],
        "audience_size": np.bincount(arm, minlength=len(ids)),
    }
    assigned = {"experiment_id": name, "contact_id": split["contact_id"], "variant": split["slot"]}
    return SendTimeTest(name, split, pd.DataFrame(rows), pd.DataFrame(assigned | {"campaign_id": split["campaign_id"]}))


def send_time_tests(warehouse: Warehouse, chosen=None, metric: str = "clicked") -> pd.DataFrame:
    """What tests of send times said, per person assigned: the experiments of these campaigns whose arms are slots.

    An arm is a slot by its name, "Tue 19 h", as `send_time_test` has it. Of a test whose people have not reached their
    final age the verdict is one that holds however often one looks.

    Returns
    -------
    DataFrame, a row per pair of arms, with the columns
        experiment_id, arm, baseline, word, sentence : str, of the verdict
        is_final : bool

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (no such metric)

    Example
    -------
    >>> metrics.send_time_tests(warehouse).empty  # the demo has had none
    True
    """
    known, rows = select_campaigns(warehouse, chosen), []
    known = known[known["experiment_id"].notna() & known["variant"].notna() & known["started_at"].notna()]
    for (_, experiment), arms in known.groupby(["account_id", "experiment_id"]):
        if len(arms) < 2 or not arms["variant"].astype(str).str.fullmatch(_ARM).all():
            continue
        frame = comparable(warehouse, arms.sort_values("campaign_id")["campaign_id"].tolist())
        found = compare_campaigns(frame, design(warehouse, frame), metric)
        rows += [(str(experiment), one.arm, one.baseline, one.word, str(one), is_final(frame)) for one in found]
    columns = ["experiment_id", "arm", "baseline", "word", "sentence"]
    return pd.DataFrame(rows, columns=[*columns, "is_final"]).astype(
        dict.fromkeys(columns, "str") | {"is_final": "bool"}
    )


def _slot(text) -> tuple[int, int]:
    found = _SLOT.fullmatch(str(text).strip().lower())
    day = found and found[1][:3]
    if not found or day not in WEEKDAYS or int(found[2]) > 23:
        raise InvalidParameters(f"{text!r} is no slot: name a weekday and an hour, such as tue 19")
    return WEEKDAYS.index(day) + 1, int(found[2])


def _moment(week: Week, weekday, hour, zone) -> pd.Timestamp:
    """The hour on the zone's clock, UTC; the next one where the clock leaves it out, the first where it has two."""
    day = pd.Timestamp(week.monday) + pd.Timedelta(days=weekday - 1, hours=hour)
    return day.tz_localize(zone, nonexistent="shift_forward", ambiguous=True).tz_convert("UTC")


def _new(warehouse, name):
    if not _NAME.fullmatch(name):
        raise InvalidParameters(f"{name!r} is no name for an experiment: letters, digits, points and dashes, up to 100")
    known = campaigns(warehouse)["experiment_id"].dropna().astype(str)
    if name in set(known):
        raise InvalidParameters(f"there is an experiment {name!r} already: give this one another name")


def _reachable(warehouse, about, channel, segment) -> list[str]:
    """The ids of the people, as text, in an order that no engine decides."""
    if channel not in CHANNEL_NAMES:
        raise InvalidParameters(f"there is no channel {channel!r}{nearest(channel, CHANNEL_NAMES)}")
    known = audience(warehouse, about["account_id"])
    if known is None:
        raise InvalidParameters("nobody of this account was written to: there is nobody to split")
    p = with_contacts(known, by_channel(known)).c
    asked = select(cast(p.contact_id, String).label("contact_id")).where(p.channel == channel, p.lost_ms.is_(None))
    if segment is not None:
        s = segments.c
        named = warehouse.sql(select(s.segment_id).where(s.account_id == about["account_id"]))["segment_id"]
        by_text = {str(one): one for one in named.tolist()}
        if str(segment) not in by_text:
            raise InvalidParameters(f"there is no segment {str(segment)!r}{nearest(str(segment), by_text)}")
        members = select(segment_members.c.contact_id).where(segment_members.c.segment_id == by_text[str(segment)])
        asked = asked.where(p.contact_id.in_(members))
    return sorted(warehouse.sql(asked)["contact_id"].tolist())


def _drawn(contacts: list[str], people, arms, seed) -> pd.DataFrame:
    """contact_id, in order, and the place of its arm: a random order of all, dealt out in turn."""
    wanted = len(contacts) if people is None else people
    if not arms <= wanted <= len(contacts):
        raise InvalidParameters(
            f"{wanted:,} people cannot be split over {arms} slots: {len(contacts):,} can be reached"
        )
    order = np.random.default_rng(seed).permutation(len(contacts))[:wanted]
    frame = pd.DataFrame({"contact_id": np.array(contacts, dtype=object)[order], "arm": np.arange(wanted) % arms})
    return frame.sort_values("contact_id", ignore_index=True)
