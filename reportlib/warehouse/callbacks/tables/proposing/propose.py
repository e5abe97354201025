"""A mapping for a table, from what its columns are called and what is in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any

import yaml

from reportlib.definitions import CHANNELS
from reportlib.warehouse.callbacks.message_table.row import FLAGS
from reportlib.warehouse.callbacks.message_table.times import DAY_FIRST, MONTH_FIRST, SLASHED, readings, rewritten
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.tables.proposing import words
from reportlib.warehouse.callbacks.tables.proposing.look import MOST_WORDS, UTC_ZONE, Column, Look
from reportlib.warehouse.contract.tables import MESSAGE_STATUSES
from reportlib.warehouse.source.message_columns import ENGAGEMENT

TIMES = ("sent_at", "delivered_at", "failed_at", *(first for first, _, _ in ENGAGEMENT.values()))
COUNT_OF = {first: number for first, number, _ in ENGAGEMENT.values()}
REPEATED = 0.2  # the share of rows from which a table whose rows name one message several times is one of events


@dataclass
class Proposal:
    """The parts of a mapping, as YAML has them, and what a person should look at."""

    parts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def yaml(self) -> str:
        """The mapping as a file, with the notes as comments."""
        notes = "".join(f"# {words.printable(note)}\n" for note in self.notes)
        return notes + yaml.safe_dump(
            self.parts, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
        )

    def put(self, part: str, name: str, value):
        """One line of a part."""
        self.parts.setdefault(part, {})[name] = value


def propose(found: Look, channel: str | None = None) -> Proposal:
    """What the table's columns may be: what is not known is left out, or noted. `channel` is that of every row."""
    proposal, free = Proposal(), list(found.columns)

    def take(ours: str, fits: Callable[[Column], bool]) -> Column | None:
        names = words.COLUMNS[ours]
        fitting = [(rank, one) for one in free if (rank := one.rank(names)) is not None and fits(one)]
        if not fitting:
            return None
        _, best = min(fitting, key=itemgetter(0))
        free.remove(best)
        proposal.put("columns", ours, best.name)
        return best

    who = _contact(free, take, proposal)
    told = _told(found, free, take, proposal)
    _times(found, take, proposal, told)
    for ours, holds in (
        *(("provider_message_id", None), ("campaign_id", None), ("failure_code", None), ("failure_reason", None)),
        *(("cost", None), ("currency", ("words",)), ("subject", None), ("variant", ("words",))),
        *(("segment", ("words",)), ("country", ("words",)), ("url", None)),
    ):
        take(ours, partial(_may_hold, holds))
    if told != "event":
        proposal.parts.get("columns", {}).pop("url", None)
    _channel(found, who, take, proposal, channel)
    if "campaign_id" not in proposal.parts.get("columns", {}):
        proposal.notes.append('no column says the campaign: --campaign "Spring sale" when it is imported')
    left = [one.name for one in free if one.values]
    if left:
        proposal.notes.append("not read: " + ", ".join(left))
    return proposal


def _may_hold(holds: tuple[str, ...] | None, one: Column) -> bool:
    return bool(one.values) and (holds is None or one.holds in holds)


def _contact(free, take, proposal) -> Column | None:
    """Who was written to: a column that is called so and holds addresses, else addresses, else what is called so."""
    found = take("contact_id", lambda one: one.holds in ("mails", "numbers"))
    if found is None:
        addresses = [one for one in free if one.holds == "mails" and one.rank(words.COLUMNS["sender"]) is None]
        if addresses:
            found = max(addresses, key=lambda one: len(one.values))
            free.remove(found)
            proposal.put("columns", "contact_id", found.name)
    found = found or take("contact_id", lambda one: bool(one.values))
    if found is None:
        proposal.notes.append("no column says who was written to: name it, `contact_id: …`")
    return found


def _told(found, free, take, proposal) -> str | None:
    """How the table says what became of a message: "status", "event", or by times alone."""
    direction = next((one for one in free if one.rank(words.DIRECTIONS) is not None), None)
    if direction is not None:
        theirs = [value for value in direction.values if words.bare(value) in (*words.INBOUND, "true")]
        if theirs and len(theirs) < len(direction.values):
            free.remove(direction)
            proposal.put("inbound", direction.name, theirs[0] if len(theirs) == 1 else theirs)
            take("sender", lambda one: bool(one.values))
            take("text", lambda one: bool(one.values))
    states = take("event", lambda one: len(one.values) <= MOST_WORDS and one.share(words.outcome) >= 0.5)
    states = states or take("status", lambda one: len(one.values) <= MOST_WORDS and bool(one.share(words.outcome)))
    if states is None:
        return _by_flag(take, proposal)
    is_of_events = _repeats(found, states)
    columns = proposal.parts["columns"]
    given = columns.pop("event", None) or columns.pop("status")
    columns["event" if is_of_events else "status"] = given
    known = {word: ours for word in states.values if (ours := words.outcome(word))}
    part = "events" if is_of_events else "statuses"
    if not is_of_events:
        known = {word: ours for word, ours in known.items() if word != ours or ours not in MESSAGE_STATUSES}
    if known:
        proposal.parts[part] = known
    inbound = proposal.parts.get("inbound")
    unknown = [word for word in states.values if words.outcome(word) is None]
    if unknown and not inbound:
        proposal.notes.append(f"{part}: nobody can tell what these mean: {', '.join(map(repr, unknown[:8]))}")
    return "event" if is_of_events else "status"


def _by_flag(take, proposal) -> str | None:
    """Of a table that says only whether a message failed."""
    failed = take("failed_at", lambda one: one.holds == "flags")
    if failed is None:
        return None
    del proposal.parts["columns"]["failed_at"]
    proposal.put("columns", "status", failed.name)
    proposal.parts["statuses"] = {word: "failed" if FLAGS.get(word.lower()) else "sent" for word in failed.values}
    return "status"


def _repeats(found: Look, states: Column) -> bool:
    """Whether many rows name what another row names, with another word."""
    ids = [one.name for one in found.columns if one.filled and one.rank(words.COLUMNS["provider_message_id"])]
    who = [one.name for one in found.columns if one.filled and one.rank(words.COLUMNS["contact_id"])]
    campaign = [one.name for one in found.columns if one.rank(words.COLUMNS["campaign_id"])]
    names = [ids[0]] if ids and len(found.column(ids[0]).values) < found.rows else [*who[:1], *campaign[:1]]
    if not names or not found.first:
        return False
    said: dict[tuple, set] = {}
    for row in found.first:
        said.setdefault(tuple(row.get(name, "") for name in names), set()).add(row.get(states.name, ""))
    return sum(len(each) - 1 for each in said.values()) >= REPEATED * len(found.first)


def _times(found, take, proposal, told):
    taken = []
    if told == "event":
        when = take("sent_at", lambda one: one.holds == "times")
        if when is not None:
            proposal.parts["columns"]["occurred_at"] = proposal.parts["columns"].pop("sent_at")
            taken.append(when)
    else:
        for ours in TIMES:
            when = take(ours, lambda one: one.holds == "times")
            if when is not None:
                taken.append(when)
            elif ours in COUNT_OF:
                counted = take(ours, lambda one: one.holds in ("counts", "flags"))
                columns = proposal.parts.get("columns", {})
                if counted is not None:
                    columns[COUNT_OF[ours]] = columns.pop(ours)
                elif COUNT_OF[ours] in words.COLUMNS:
                    take(COUNT_OF[ours], lambda one: one.holds == "counts")
    if not taken:
        proposal.notes.append("no column says when messages were sent: --sent-at 2026-11-17T09:00 when it is imported")
    forms = set().union(*(one.forms for one in taken)) if taken else set()
    if SLASHED in forms and not forms & {DAY_FIRST, MONTH_FIRST}:
        proposal.parts["dates"] = _likelier(taken)
        proposal.notes.append(f"dates: {proposal.parts['dates']} is a guess, days and months are all below 13: look")


def _likelier(taken) -> str:
    """Of two readings of dates the one that is not to come, else that by which they lie nearer together."""
    now = datetime.now(UTC).timestamp() * 1000
    spans = {}
    for word, way in (("day first", DAY_FIRST), ("month first", MONTH_FIRST)):
        moments: list[int] = []
        for text in (value for one in taken for value in one.values):
            try:
                moments += readings(rewritten(text, way), UTC_ZONE)[:1]
            except Unusable:
                continue
        spans[word] = (sum(one > now for one in moments), max(moments, default=0) - min(moments, default=0))
    return min(spans, key=spans.__getitem__)


def _channel(found, who, take, proposal, channel):
    if channel is None and take("channel", lambda one: set(map(words.bare, one.values)) <= set(CHANNELS)):
        return
    names = " ".join(words.bare(one.name) for one in found.columns)
    reads = "opened" in proposal.parts.get("statuses", {}).values() or "opened_at" in proposal.parts.get("columns", {})
    if channel is None and who is not None:
        if who.holds == "mails":
            channel = "email"
        elif who.holds == "numbers":
            channel = "whatsapp" if reads or any(sign in names for sign in words.WHATSAPP) else "sms"
            proposal.notes.append(f"channel: {channel} is taken from the numbers and what is known of them: look")
    if channel:
        proposal.put("fixed", "channel", channel)
    else:
        proposal.notes.append("nothing says the channel: --channel email, sms or whatsapp")
