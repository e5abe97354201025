"""The people of an account: when each was first written to on a channel, last reacted, and was lost.

messages, events and outcomes → per person and channel → per person. Only what is made of these tables travels.
"""

import pandas as pd
from sqlalchemy import BigInteger, Integer, and_, case, cast, func, literal, null, select, union_all

from reportlib.definitions import CHANNELS, IMPLY_DELIVERY
from reportlib.metrics.audience.account import Audience
from reportlib.metrics.audience.settled import with_settled
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.failures.permanent import permanently_failed
from reportlib.metrics.people.fold.table import contacts as settled_contacts, fold
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.rules import HUMAN, MACHINE
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import acted, engagement_events
from reportlib.metrics.people.seen import seen
from reportlib.metrics.people.settled import with_numbers
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse.contract.tables import contacts, messages, outcomes
from reportlib.warehouse.engines import computed_once, sound_ms

OPTED_OUT, COMPLAINED, FAILED = "opted out", "complained", "permanently failed"
LEFT = "unsubscribed"  # the kind of an outcome: left the account
ALL_CHANNELS = "all"
REACTIONS = ("clicked", "opened", "replied")
FAR_MS = 4_102_444_800_000  # 2100, after every sound time


def by_channel(about: Audience):
    """One row per contact and channel of those written to: contact_id (in the fold its number), channel; joined_ms
    (created, where that is known and earlier than the first message), first_ms and last_ms (of a message), lost_ms and
    reason (NULL: can be reached), reacted_ms and reacted_before_ms (the last human reaction, and the last MOVED_DAYS
    before as_of); 0 or 1: by_machine (machines reacted), told (somebody would tell of a reaction); recent (messages of
    MOVED_DAYS)."""
    known = _known(about)
    failed = _failed(about, known)
    source = known.outerjoin(
        failed, and_(failed.c.contact_id == known.c.contact_id, failed.c.channel == known.c.channel)
    )
    contact, key = (settled_contacts, "number") if about.kept else (contacts, "contact_id")
    source = source.outerjoin(contact, contact.c[key] == known.c.contact_id)
    gone = [known.c.unsubscribed_ms]
    if about.warehouse.has(outcomes):
        left = _left(about)
        source, gone = source.outerjoin(left, left.c.contact_id == known.c.contact_id), [*gone, left.c.left_ms]
    opted, complained, unreached = _first(*gone), _first(known.c.complained_ms), _first(failed.c.failed_ms)
    lost = _first(opted, complained, unreached)
    reason = case((lost >= FAR_MS, null()), (complained <= lost, COMPLAINED), (opted <= lost, OPTED_OUT), else_=FAILED)
    created = sound_ms(contact.c.created_at)
    k = known.c
    rows = select(
        k.contact_id,
        k.channel,
        case((created < k.first_ms, created), else_=k.first_ms).label("joined_ms"),
        k.first_ms,
        k.last_ms,
        case((lost < k.first_ms, k.first_ms), (lost < FAR_MS, lost)).label("lost_ms"),
        reason.label("reason"),
        k.reacted_ms,
        k.reacted_before_ms,
        func.coalesce(k.by_machine, 0).label("by_machine"),
        k.told,
        k.recent,
    ).select_from(source)
    return about.seen.kept(rows, "people_of_channel")


def whole_people(about: Audience, people):
    """The rows of `by_channel` as one per contact, of the channel ALL_CHANNELS: lost where on every channel, by a
    complaint before an opt-out before a failure; and `ways`, the sum of 1 << the place among CHANNELS of those that the
    contact can be reached by."""
    p = people.c
    still = func.count() > func.count(p.lost_ms)
    whole = select(
        p.contact_id,
        literal(ALL_CHANNELS).label("channel"),
        func.min(p.joined_ms).label("joined_ms"),
        func.min(p.first_ms).label("first_ms"),
        func.max(p.last_ms).label("last_ms"),
        case((still, null()), else_=func.max(p.lost_ms)).label("lost_ms"),
        case((still, null()), else_=func.min(p.reason)).label("reason"),
        func.max(p.reacted_ms).label("reacted_ms"),
        func.max(p.reacted_before_ms).label("reacted_before_ms"),
        func.max(p.by_machine).label("by_machine"),
        func.max(p.told).label("told"),
        cast(func.sum(p.recent), Integer).label("recent"),
        cast(func.sum(_way(p)), Integer).label("ways"),
    ).group_by(p.contact_id)
    return about.seen.kept(whole, "whole_people")


def everybody(about: Audience):
    """The rows of `by_channel`, with the channel's own of the `ways`, and after them those of `whole_people`."""
    people = by_channel(about)
    each = select(*people.c, _way(people.c).label("ways"))
    return union_all(each, select(*whole_people(about, people).c)).cte("everybody")


def _way(person):
    way = case({name: 1 << place for place, name in enumerate(CHANNELS)}, value=person.channel, else_=0)
    return case((person.lost_ms.is_(None), way), else_=0)


def _known(about):
    """Per contact and channel what was handed over, and what people and machines did."""
    told = _told(about)
    touch, did = _touched(about, of_these(**told)), _reacted(about)
    good = func.coalesce(case((did.c.reached_ms > touch.c.good_ms, did.c.reached_ms), else_=touch.c.good_ms), -1)
    same = and_(did.c.contact_id == touch.c.contact_id, did.c.channel == touch.c.channel)
    known = (
        select(
            *[column for column in touch.c if column.name != "good_ms"],
            good.label("good_ms"),
            *[did.c[name] for name in ("reacted_ms", "reacted_before_ms", "by_machine", "unsubscribed_ms")],
            did.c.complained_ms,
        )
        .select_from(touch.outerjoin(did, same))
        .cte("known")
    )
    if about.kept:
        return with_settled(about, known, of_these(**told, rows=fold))
    return computed_once(select(known), "known_people")


def _touched(about, told):
    """Per contact and channel what was handed over; `told` is the condition of `_told`."""
    m, at = messages.c, about.at_ms()
    one = (
        select(
            *(m.contact_id, m.channel, m.status, at.label("at_ms")),
            case((m.status == "failed", 0), *([(told, 1)] if told is not None else []), else_=0).label("told"),
        )
        .where(m.campaign_id.in_(about.campaign_ids), m.status != "queued")
        .cte("handed_over")
    )
    o = one.c
    return (
        select(
            o.contact_id,
            o.channel,
            func.min(o.at_ms).label("first_ms"),
            func.max(o.at_ms).label("last_ms"),
            func.coalesce(func.max(case((o.status == "delivered", o.at_ms))), -1).label("good_ms"),
            func.max(o.told).label("told"),
            cast(func.count(case((o.at_ms > about.then_ms, 1))), Integer).label("recent"),
        )
        .group_by(o.contact_id, o.channel)
        .cte("touched")
    )


def _reacted(about):
    """Per contact and channel what people, and machines, did; what nobody timed was done when it was sent."""
    ids = list(about.campaign_ids)
    event = engagement_events(ids, about.warehouse.opened_ms, judge_of(about.warehouse, ids))
    e = event.c
    sent = func.coalesce(e.sent_ms, literal(about.start_ms, BigInteger))
    at = func.coalesce(e.occurred_ms, sent)
    human = and_(e.kind.in_(REACTIONS), e.verdict == HUMAN)
    moments = {
        "reacted_ms": func.max(case((human, at))),
        "reacted_before_ms": func.max(case((and_(human, at <= about.then_ms), at))),
        "reached_ms": func.max(case((e.kind.in_(IMPLY_DELIVERY), sent))),
        **{f"{kind}_ms": func.min(case((acted(kind, event), at))) for kind in ("unsubscribed", "complained")},
        "by_machine": func.max(case((and_(e.kind.in_(REACTIONS), e.verdict == MACHINE), 1), else_=0)),
    }
    columns = [how.label(name) for name, how in moments.items()]
    handed_over = e.status != "queued"
    return select(e.contact_id, e.channel, *columns).where(handed_over).group_by(e.contact_id, e.channel).cte("reacted")


def _failed(about, known):
    """Since when each address's last word is a failure that always will be: the first after it was last reached."""
    m, at = messages.c, about.at_ms()
    mine = m.campaign_id.in_(about.campaign_ids)
    bad = permanently_failed(about.seen, read_catalogue(), mine)
    source, contact_id = with_numbers(messages, m.contact_id, about.kept)
    same = and_(known.c.contact_id == contact_id, known.c.channel == m.channel)
    return (
        select(contact_id.label("contact_id"), m.channel, func.min(at).label("failed_ms"))
        .select_from(source.join(known, same))
        .where(mine, bad, at > known.c.good_ms)
        .group_by(contact_id, m.channel)
        .cte("failed_for_good")
    )


def _left(about):
    o = outcomes.c
    source, contact_id = with_numbers(outcomes, o.contact_id, about.kept)
    at = func.min(sound_ms(o.occurred_at)).label("left_ms")
    left = select(contact_id.label("contact_id"), at).select_from(source).where(o.kind == LEFT).group_by(contact_id)
    return about.warehouse.kept(left, "left_account")


def _told(about):
    """The sources that would tell of a person's reaction to a message, and among which, as `of_these` takes them.

    To an SMS nobody reacts where it has no link: those of campaigns to which nobody ever did are not asked.
    """
    chosen = select_campaigns(about.warehouse, list(about.campaign_ids))
    sources = told_by(about.warehouse, chosen)
    sources = sources[sources["by_person"]]
    told = sources[sources[[*REACTIONS]].any(axis=1)]
    shown = seen(about.warehouse, [about.account_id])
    shown = shown[shown["channel"].eq("sms") & shown[["clicked", "replied"]].any(axis=1)]
    answered = set(zip(shown["campaign_id"], shown["provider"], strict=True))
    each = zip(told["campaign_id"], told["provider"], strict=True)
    is_silent = pd.Series([one not in answered for one in each], told.index, bool) & told["channel"].eq("sms")
    return {"told": told[~is_silent], "among": sources}


def _first(*moments):
    """The earliest of moments, FAR_MS where there is none."""
    found = func.coalesce(moments[0], literal(FAR_MS, BigInteger))
    for moment in moments[1:]:
        found = case((moment < found, moment), else_=found)
    return found
