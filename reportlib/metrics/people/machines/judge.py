"""The verdict on an event, in SQL: what its source says, else the rules, with what is known of the account."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, and_, case, cast, func, literal, null, or_, select, true, union_all

from reportlib.definitions import EVENT_KINDS
from reportlib.metrics.people.counted import arrived_ms
from reportlib.metrics.people.machines.clicks import unflagged_clicks
from reportlib.metrics.people.machines.link_patterns import ASIDE, HIDDEN, matches
from reportlib.metrics.people.machines.rules import (
    BEFORE_MS,
    HUMAN,
    LINKS,
    LINKS_MS,
    LONGEST_SCAN_MS,
    MACHINE,
    QUICK_WINDOW,
    SECOND_MS,
    SLOW_LINKS_MS,
    SOON,
    UNSURE,
)
from reportlib.warehouse.contract.tables import contacts, events, messages
from reportlib.warehouse.engines import computed_once, sound_ms

BY_LINKS, BY_DOMAIN = 1, 2  # what told that a message was scanned; BY_DOMAIN and more: one of `domains`
NEVER_MS = -BEFORE_MS - 1  # no click is so early


@dataclass(frozen=True)
class Domains:
    """Domains whose gateway clicks what these campaigns send, within so many seconds of its arrival.

    Not `sure` where half of everybody clicks as soon, so that people may have done it there too; `several` where it
    makes more than one click of a message.
    """

    campaign_ids: tuple
    window: int
    names: tuple[str, ...]
    sure: bool
    several: bool


@dataclass(frozen=True)
class Judge:
    """What the verdicts on some campaigns' events need to know.

    `times` has (campaign ids, None: all of these campaigns; channel, up to which a click is a machine's, and unsure:
    milliseconds after arrival) where that is not as SOON has it; `scanned` has (campaign ids, channel) whose clicks
    have links, and times that are finer than minutes; `asides` and `hidden` whether there are any links of these.
    """

    opened_ms: int
    times: tuple[tuple[tuple | None, str, int, int], ...] = ()
    scanned: tuple[tuple[tuple, str], ...] = ()
    domains: tuple[Domains, ...] = ()
    asides: bool = False
    hidden: bool = False

    def scans(self):
        """When a message was scanned: message_id, from_ms, until_ms, unsure_ms (until when it may have been), told_by.

        None where no message of these campaigns was.
        """
        parts = [_many_links(self._links(), LINKS_MS, BY_LINKS)] if self.scanned else []
        for number, one in enumerate(self.domains):
            parts += _whole_domains(self, one, number)
        if not parts:
            return None
        found = (union_all(*parts) if len(parts) > 1 else parts[0]).cte("found_scans")
        ends = {"from_ms": func.min, "until_ms": func.max, "unsure_ms": func.max, "told_by": func.min}
        columns = [how(found.c[name]).label(name) for name, how in ends.items()]
        return computed_once(select(found.c.message_id, *columns).group_by(found.c.message_id), "scans")

    def _links(self):
        campaign_ids = tuple(dict.fromkeys(one for ids, _ in self.scanned for one in ids))
        told = [and_(messages.c.channel == name, messages.c.campaign_id.in_(ids)) for ids, name in self.scanned]
        return unflagged_clicks(campaign_ids, self.opened_ms).where(or_(*told))

    def verdicts(self, scans=None) -> dict[str, list]:
        """By kind of event the conditions and what holds then: MACHINE, ASIDE or UNSURE, the first counts; else HUMAN.

        Of a row of events and their messages, joined to `scans` where there are any.
        """
        flag, told = events.c.is_machine, sound_ms(events.c.occurred_at)
        after_ms, is_mail = told - arrived_ms(), messages.c.channel == "email"
        scanned, doubtful = [], []
        if scans is not None:
            scanned = [told.between(scans.c.from_ms, scans.c.until_ms)]
            doubtful = [told <= scans.c.unsure_ms]
        hidden = [matches(events.c.url, HIDDEN)] if self.hidden else []
        soon = [_within(after_ms, self._limit(at)) for at in (2, 3)]
        opened_soon = and_(is_mail, _within(after_ms, SOON["email"].machine * SECOND_MS))
        mail = [and_(is_mail, condition) for condition in scanned], [and_(is_mail, each) for each in doubtful]

        def told_apart(sure, unsure, aside=()):
            silent = flag.is_(None)
            found = [(flag == true(), MACHINE), (and_(silent, or_(*sure)), MACHINE), *aside]
            return [*found, *([(and_(silent, or_(*unsure)), UNSURE)] if unsure else [])]

        aside = [(matches(events.c.url, ASIDE), ASIDE)] if self.asides else []
        judged = {
            "clicked": told_apart([*hidden, *scanned, soon[0]], [*doubtful, soon[1]], aside),
            "opened": told_apart([*mail[0], opened_soon], mail[1]),
        }
        return {kind: judged.get(kind, [(flag == true(), MACHINE)]) for kind in EVENT_KINDS}

    def rule(self, scans=None):
        """The name of the rule by which a click is a machine's or unsure."""
        hidden = [(matches(events.c.url, HIDDEN), "hidden link")] if self.hidden else []
        by_scan = []
        if scans is not None:
            at = sound_ms(events.c.occurred_at)
            during = and_(
                at >= func.coalesce(scans.c.from_ms, at), at <= func.coalesce(scans.c.unsure_ms, scans.c.until_ms)
            )
            by_scan = [
                (and_(during, scans.c.told_by == BY_LINKS), "many links"),
                (and_(during, scans.c.told_by >= BY_DOMAIN), "whole domain"),
            ]
        return case((events.c.is_machine == true(), "flagged"), *hidden, *by_scan, else_="too soon")

    def _limit(self, at):
        """Up to how long after its arrival a click is a machine's (2), or unsure (3)."""
        usual = {name: (one.machine, one.unsure)[at - 2] * SECOND_MS for name, one in SOON.items()}
        own = [
            (and_(messages.c.channel == one[1], *([messages.c.campaign_id.in_(one[0])] if one[0] else [])), one[at])
            for one in self.times
        ]
        return case(*own, *[(messages.c.channel == name, ms) for name, ms in usual.items()], else_=NEVER_MS)


def _within(after_ms, limit):
    return after_ms.between(-BEFORE_MS, limit)


def judged_events(judge: Judge):
    """Events joined to their messages and to what tells scans, and the word of the verdict on each."""
    scans = judge.scans()
    source = events.join(messages, messages.c.message_id == events.c.message_id)
    source = source if scans is None else source.outerjoin(scans, scans.c.message_id == messages.c.message_id)
    return source, word_of(judge.verdicts(scans), events.c.kind)


def word_of(verdicts, kind):
    """The verdict on an event of any kind, a word: HUMAN, of content; MACHINE, UNSURE or ASIDE."""
    return case(*[(kind == name, case(*found, else_=HUMAN)) for name, found in verdicts.items()], else_=HUMAN)


def _no_time():
    """Of the kind of times: an engine that has nothing else to go by takes a NULL for a text."""
    return cast(null(), BigInteger)


def _many_links(click, span_ms, told_by):
    """Messages of which LINKS different ones were clicked within the span, or fewer with one that is no content.

    Of `click`, a select of `unflagged_clicks`; columns as those of `scans`.
    """
    click = click.where(events.c.url.is_not(None)).cte(f"link_clicks_{told_by}")
    several = select(click.c.message_id).group_by(click.c.message_id)
    several = several.having(func.min(click.c.url) != func.max(click.c.url)).cte(f"several_links_{told_by}")
    of_several = select(click).join_from(click, several, several.c.message_id == click.c.message_id)
    is_aside = case((matches(click.c.url, ASIDE), 1), else_=0)
    first = computed_once(of_several.add_columns(is_aside.label("aside")), f"clicks_of_several_{told_by}")
    later = first.alias(f"clicks_soon_after_{told_by}")
    soon = and_(
        later.c.message_id == first.c.message_id,
        later.c.at_ms >= first.c.at_ms,
        later.c.at_ms <= first.c.at_ms + span_ms,
    )
    many = func.count(later.c.url.distinct()) >= LINKS
    with_aside = and_(func.min(later.c.aside) == 0, func.max(later.c.aside) == 1)
    bursts = (
        select(first.c.message_id, first.c.at_ms.label("from_ms"), func.max(later.c.at_ms).label("until_ms"))
        .join_from(first, later, soon)
        .group_by(first.c.message_id, first.c.at_ms)
        .having(or_(many, with_aside))
        .cte(f"bursts_{told_by}")
    )
    start = func.min(bursts.c.from_ms).label("from_ms")
    scan = select(bursts.c.message_id, start, func.max(bursts.c.until_ms).label("until_ms"))
    scan = scan.group_by(bursts.c.message_id).cte(f"link_scans_{told_by}")
    longest = scan.c.from_ms + LONGEST_SCAN_MS
    until = case((scan.c.until_ms > longest, longest), else_=scan.c.until_ms).label("until_ms")
    told = literal(told_by).label("told_by")
    return select(scan.c.message_id, scan.c.from_ms, until, _no_time().label("unsure_ms"), told)


def _whole_domains(judge, domains, number):
    """Messages to domains whose gateway clicks, one or two selects of the columns of `scans`."""
    behind = select(contacts.c.contact_id).where(contacts.c.email_domain.in_(domains.names))
    after_ms = sound_ms(events.c.occurred_at) - arrived_ms()
    mine = unflagged_clicks(domains.campaign_ids, judge.opened_ms).where(
        messages.c.channel == "email", messages.c.contact_id.in_(behind), _within(after_ms, domains.window * SECOND_MS)
    )
    click = mine.cte(f"domain_clicks_{number}")
    first, last = func.min(click.c.at_ms), func.max(click.c.at_ms)
    start, until, unsure, found = first, last, last, []
    if not domains.sure:
        start = until = _no_time()
    elif domains.window > QUICK_WINDOW:
        alone = func.count() == 1
        start, until = (_no_time(), _no_time()) if domains.several else (case((alone, first)), case((alone, last)))
        unsure = last if domains.several else first
        found = [_many_links(mine, SLOW_LINKS_MS, BY_DOMAIN + number)] if domains.several else []
    columns = {"from_ms": start, "until_ms": until, "unsure_ms": unsure, "told_by": literal(BY_DOMAIN + number)}
    of_all = select(click.c.message_id, *[column.label(name) for name, column in columns.items()])
    of_all = of_all.group_by(click.c.message_id)
    if found:
        scanned = found[0].cte(f"slow_scans_{number}")
        of_all = of_all.where(click.c.message_id.not_in(select(scanned.c.message_id)))
        twice = select(click.c.message_id).group_by(click.c.message_id)
        twice = twice.having(func.count() > func.count(click.c.url.distinct()))  # a person may have clicked too
        clear = scanned.c.message_id.not_in(twice)
        ends = [case((clear, scanned.c[name])).label(name) for name in ("from_ms", "until_ms")]
        doubt = case((clear, _no_time()), else_=scanned.c.until_ms).label("unsure_ms")
        found = [select(scanned.c.message_id, *ends, doubt, scanned.c.told_by)]
    return [*found, of_all]
