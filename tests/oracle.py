"""The metrics once more, in the plainest Python there is: what the SQL must agree with.

Written from the definitions (design.md §4), not from the SQL: loops over the rows of a SmallDatabase, `datetime` and
`zoneinfo`. Slow, and meant to be read. Answers are dicts: group → column → value, None where the metric is missing.
A group is a tuple of texts, one for each name in `by`.
"""

import csv
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from zoneinfo import ZoneInfo, available_timezones

from tests import machine_oracle

REPORTABLE = ("sending", "sent", "completed", "ongoing")
CAMPAIGN_COLUMNS = ("campaign_id", "variant", "template_id")
CONTACT_COLUMNS = ("country", "language", "carrier", "email_domain", "timezone")
BEST_FIRST = ("delivered", "pending", "failed", "not sent")
LEDGER = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending", "delivery_measured",
          "failed_measured", "by_person", "audience_declared")  # fmt: skip
KINDS = {  # what is told of people, and what must be measured for it
    **{"opened": ("opened",), "opened_human": ("opened",), "clicked": ("clicked",), "replied": ("replied",)},
    **{"unsubscribed": ("unsubscribed",), "complained": ("complained",), "opened_or_clicked": ("opened",)},
}
ACTIONS = tuple(name for name in KINDS if name != "opened_or_clicked")
CLICKS = ("clicked_at_most", "clicked_by_any", "clicked_aside")
KINDS |= dict.fromkeys(CLICKS, ("clicked",))
TOTALS = ("opened_total", "opened_human_total", "clicked_total", "replied_total")
OF_MESSAGES = {"by_person": True}  # all but campaigns known as totals only
ALL_TOLD = {"delivery_measured": True, "failed_measured": True, **OF_MESSAGES}
NOTHING = {**dict.fromkeys(LEDGER, 0), **ALL_TOLD, "audience_declared": None}


# Which rows a question is about


def chosen_campaigns(database, campaigns=None):
    """The rows of the campaigns asked for; all reportable ones without an answer."""
    if campaigns is None:
        return [row for row in database.campaigns if is_reportable(database, row)]
    wanted = {str(each) for each in (campaigns if isinstance(campaigns, list) else [campaigns])}
    return [row for row in database.campaigns if str(row["campaign_id"]) in wanted]


def is_reportable(database, campaign):
    """Whether it may be reported: it is or was being sent, or was cancelled when something had been."""
    mine = [row for row in database.messages if row["campaign_id"] == campaign["campaign_id"]]
    midway = campaign["status"] == "cancelled" and any(row["status"] != "queued" for row in mine)
    return campaign["status"] in REPORTABLE or midway


def chosen_messages(database, campaigns):
    ids = {row["campaign_id"] for row in chosen_campaigns(database, campaigns)}
    return [row for row in database.messages if row["campaign_id"] in ids]


def by_id(rows, key):
    return {row[key]: row for row in rows}


# What became of one message


def is_plausible(database, message, event):
    """Not before its message was handed over (a minute of clock skew allowed), not more than a day in the future."""
    if event["occurred_at"] is None:
        return True
    handed_over = message.get("sent_at") or message.get("queued_at")
    too_early = handed_over is not None and event["occurred_at"] < handed_over - timedelta(seconds=60)
    return not too_early and event["occurred_at"] <= database.opened_at + timedelta(days=1)


def is_possible(message, event):
    return not (message["channel"] == "sms" and event["kind"] == "opened")


def engagement_of_messages(database):
    """The events that count, by message id: plausible, possible on the channel, and not on a failed message."""
    messages = by_id(database.messages, "message_id")
    engagement = defaultdict(list)
    for event in database.events:
        message = messages.get(event["message_id"])
        counts = message and is_plausible(database, message, event) and is_possible(message, event)
        if counts and message["status"] != "failed":
            engagement[event["message_id"]].append(event)
    return engagement


def reaches(event):
    """Events that nobody can cause without having received the message."""
    return event["kind"] in ("opened", "clicked", "replied")


def outcome(message, engagement):
    if message["status"] == "failed":
        return "failed"
    if message["status"] == "delivered" or any(reaches(event) for event in engagement[message["message_id"]]):
        return "delivered"
    return "not sent" if message["status"] == "queued" else "pending"


# Groups


def groups_of_message(database, message, by):
    """The groups that a message is in; several where its contact is in several segments."""
    found = [()]
    for name in by:
        found = [(*group, value) for group in found for value in values_of_message(database, message, name)]
    return found


def values_of_message(database, message, name):
    if name in CAMPAIGN_COLUMNS:
        values = [by_id(database.campaigns, "campaign_id")[message["campaign_id"]].get(name)]
    elif name in ("channel", "provider"):
        values = [message.get(name)]
    elif name in CONTACT_COLUMNS:
        values = [by_id(database.contacts, "contact_id").get(message["contact_id"], {}).get(name)]
    elif name.startswith("attribute:"):
        wanted = (message["contact_id"], name.removeprefix("attribute:"))
        values = [r["value"] for r in database.contact_attributes if (r["contact_id"], r["attribute"]) == wanted]
    else:
        segments = by_id(database.segments, "segment_id")
        mine = {r["segment_id"] for r in database.segment_members if r["contact_id"] == message["contact_id"]}
        return sorted({segments[each]["name"] for each in mine}) or ["(no segment)"]
    return ["(unknown)" if value is None else str(value) for value in values or [None]]


def people(database, campaigns, by):
    """group → (campaign id, contact id) → that person's messages in the group."""
    found = defaultdict(lambda: defaultdict(list))
    for message in chosen_messages(database, campaigns):
        for group in groups_of_message(database, message, by):
            found[group][message["campaign_id"], message["contact_id"]].append(message)
    return found


# Delivery and engagement


def delivery(database, campaigns=None, by=()):
    engagement = engagement_of_messages(database)
    found = people(database, campaigns, by)
    sources = Sources(database)
    ledgers = {
        group: _ledger(members, engagement)
        | {"delivery_measured": sources.all_tell(members, "delivered", by)}
        | {"failed_measured": sources.all_tell(members, "failed", by), **OF_MESSAGES}
        for group, members in found.items()
    }
    if set(by) <= set(CAMPAIGN_COLUMNS):
        _add_declared(ledgers, database, campaigns, by)
    return ledgers


def _ledger(members, engagement):
    count = Counter(_best_outcome(messages, engagement) for messages in members.values())
    handed_over = count["delivered"] + count["failed"] + count["pending"]
    implied = sum(
        _best_outcome(messages, engagement) == "delivered" and all(each["status"] != "delivered" for each in messages)
        for messages in members.values()
    )
    counts = (len(members), count["not sent"], handed_over, count["delivered"], implied, count["failed"])
    return dict.fromkeys(LEDGER) | dict(zip(LEDGER, (*counts, count["pending"]), strict=False))


def _best_outcome(messages, engagement):
    return min((outcome(each, engagement) for each in messages), key=BEST_FIRST.index)


def _add_declared(ledgers, database, campaigns, by):
    """People whom a campaign declared beyond those it wrote to are its audience, and were not sent.

    What was declared for several campaigns is known only where all of them declared it.
    """
    sums = defaultdict(list)
    written = people(database, campaigns, ("campaign_id",))
    for row in chosen_campaigns(database, campaigns):
        group = tuple("(unknown)" if row.get(name) is None else str(row.get(name)) for name in by)
        ledger = ledgers.setdefault(group, dict(NOTHING))
        declared = row.get("audience_size")
        if declared is not None:
            beyond = max(declared - len(written.get((str(row["campaign_id"]),), ())), 0)
            ledger["audience"] += beyond
            ledger["not_sent"] += beyond
        sums[group].append(declared)
    for group, declared in sums.items():
        ledgers[group]["audience_declared"] = None if None in declared else sum(declared)
    if not by and not ledgers:
        ledgers[()] = dict(NOTHING)


class Sources:
    """What the sources of a database can tell: declared, or shown by any of an account's campaigns."""

    def __init__(self, database):
        whole = getattr(database, "whole", database)  # an earlier moment does not know less of the sources
        self.accounts = {row["campaign_id"]: row["account_id"] for row in whole.campaigns}
        self.declared = whole.measured
        self.messages = whole.messages
        messages = by_id(whole.messages, "message_id")
        self.shown = {(*self._source(each), "delivered") for each in whole.messages}
        waiting = {self._source(each) for each in whole.messages if each["status"] == "sent"}
        received = {self._source(each) for each in whole.messages if each["status"] == "delivered"}
        self.shown |= {(*self._source(each), "failed") for each in whole.messages if each["status"] == "failed"}
        self.waiting = {self._campaign_source(each) for each in whole.messages if each["status"] == "sent"}
        self.shown -= {(*source, "delivered") for source in waiting - received}
        for event in whole.events:
            self.shown.add((*self._source(messages[event["message_id"]]), event["kind"]))

    def tell(self, message, what):
        if what == "opened" and message["channel"] == "sms":
            return False
        account, campaign = self.accounts[message["campaign_id"]], message["campaign_id"]
        about = [row for row in self.declared if (row["account_id"], row["what"]) == (account, what)]
        said = {row["campaign_id"]: row["is_measured"] for row in about if row["channel"] == message["channel"]}
        shown = (*self._source(message), what) in self.shown
        if what == "failed":  # where all have a receipt, none failed
            shown = shown or self._campaign_source(message) not in self.waiting
        return said.get(campaign, said.get(None, shown))

    def tells(self, members, what, by):
        """Of a group's messages, and of the others of their campaigns on the same channels, whether each tells it.

        Of those of the same provider, where groups are of one.
        """
        return [self.tell(each, what) for each in self._alike(members, by)]

    def all_tell(self, members, what, by):
        """Whether they all do; of what people did only where somebody can have done it, on what did not fail."""
        asked = self._alike(members, by)
        if what not in ("delivered", "failed"):
            can = {self._campaign_source(each) for each in self.messages if each["status"] in ("sent", "delivered")}
            asked = [each for each in asked if self._campaign_source(each) in can]
        return all(self.tell(each, what) for each in asked)

    def _alike(self, members, by):
        of = ("campaign_id", "channel", *(["provider"] if "provider" in by else []))
        used = {tuple(each.get(name) for name in of) for messages in members.values() for each in messages}
        return [each for each in self.messages if tuple(each.get(name) for name in of) in used]

    def _campaign_source(self, message):
        return message["campaign_id"], message["channel"], message.get("provider")

    def base_has(self, message, base=None):
        """Whether who got this message is of those that rates are of: nothing they did later puts them there."""
        receipts = base is None and self.tell(message, "delivered")
        reached = ("delivered",) if receipts else ("sent", "delivered")
        return message["status"] in reached

    def _source(self, message):
        return self.accounts[message["campaign_id"]], message["channel"], message.get("provider")


def engagement(database, campaigns=None, by=(), base=None):
    """What people did; of those not failed whatever is measured, where `base` says so."""
    events, sources = engagement_of_messages(database), Sources(database)
    found = people(database, campaigns, by)
    answers = {}
    for group, ledger in delivery(database, campaigns, by).items():
        members = found.get(group, {})
        messages = [each for theirs in members.values() for each in theirs]
        in_base = {
            person: theirs for person, theirs in members.items() if any(sources.base_has(each, base) for each in theirs)
        }
        answer = {"channels": "+".join(sorted({each["channel"] for each in messages})), "audience": ledger["audience"]}
        answer |= {name: ledger[name] for name in ("delivered", "delivery_measured")} | {
            "engagement_base": len(in_base)
        }
        answer |= {"engagement_base_name": base or _base_name(sources.tells(members, "delivered", by))}
        counted, within = (_activity_of(database, some, events) for some in (members, in_base))
        for name, kinds in KINDS.items():
            told = all(not members or any(sources.tells(members, kind, by)) for kind in kinds)
            answer |= {
                column: counted[column] if told else None for column in (name, f"{name}_total") if column in counted
            }
        for name in (*ACTIONS, *CLICKS):
            told = all(sources.all_tell(members, kind, by) for kind in KINDS[name])
            answer[f"{name}_in_base"] = within[name] if told else None
        answers[group] = answer
    return answers


def _base_name(told):
    if all(told):
        return "receipt"
    return "receipt or not failed" if any(told) else "not failed"


def _activity_of(database, members, events):
    """Column → number of people, or of events for the totals."""
    count = Counter(dict.fromkeys((*KINDS, *TOTALS), 0))
    for messages in members.values():
        mine = [event for each in messages for event in events[each["message_id"]]]
        opens = [event for event in mine if event["kind"] == "opened"]
        told = machine_oracle.verdicts(database)
        by_people = [event for event in mine if told[event["event_id"]] == "human"]
        followed = {told[event["event_id"]] for event in mine if event["kind"] == "clicked"}
        count["clicked_at_most"] += bool(followed & {"human", "unsure"})
        count["clicked_by_any"] += bool(followed & {"human", "unsure", "machine"})
        count["clicked_aside"] += "aside" in followed and "human" not in followed
        clicks = [event for event in by_people if event["kind"] == "clicked"]
        replies = [event for event in by_people if event["kind"] == "replied"]
        human_opens = [event for event in by_people if event["kind"] == "opened"]
        count["opened"] += bool(opens)
        count["opened_human"] += bool(human_opens)
        count["clicked"] += bool(clicks)
        count["replied"] += bool(replies)
        count["unsubscribed"] += any(event["kind"] == "unsubscribed" for event in mine)
        count["complained"] += any(event["kind"] == "complained" for event in mine)
        count["opened_or_clicked"] += bool(opens or clicks)
        count["opened_total"] += len(opens)
        count["opened_human_total"] += len(human_opens)
        count["clicked_total"] += len(clicks)
        count["replied_total"] += len(replies)
    return dict(count)


# Time


def clock(database, message, timezone=None):
    """The zone in which a message's hours are read: the one asked for, else its account's; "recipient": its contact's,
    where that is a zone."""
    zones = {row["account_id"]: row["timezone"] for row in database.accounts}
    account = zones[by_id(database.campaigns, "campaign_id")[message["campaign_id"]]["account_id"]]
    if timezone != "recipient":
        return ZoneInfo(timezone or account)
    own = by_id(database.contacts, "contact_id").get(message["contact_id"], {}).get("timezone")
    return ZoneInfo(own if own in available_timezones() else account)


def activity(database, campaigns=None, timezone=None):
    """(kind, channel, ISO weekday, hour) → events, machine_events: all kinds, each in its account's zone."""
    engagement = engagement_of_messages(database)
    cells = defaultdict(lambda: {"events": 0, "machine_events": 0})
    for message in chosen_messages(database, campaigns):
        zone = clock(database, message, timezone)
        for event in engagement[message["message_id"]]:
            if event["occurred_at"] is None:
                continue
            local = event["occurred_at"].astimezone(zone)
            cell = cells[event["kind"], message["channel"], local.isoweekday(), local.hour]
            cell["events"] += 1
            cell["machine_events"] += not machine_oracle.is_content(database, event)
    return dict(cells)


def happenings(database, campaigns=None):
    """What the timeline draws: one (kind, message id, time or None) for each hand-over and each final word."""
    engagement = engagement_of_messages(database)
    found = []
    for message in chosen_messages(database, campaigns):
        became = outcome(message, engagement)
        times = [e["occurred_at"] for e in engagement[message["message_id"]] if reaches(e) and e["occurred_at"]]
        first = min(times, default=None)
        final = {"delivered": message.get("delivered_at") or first, "failed": message.get("failed_at")}.get(became)
        if final and message.get("sent_at"):
            final = max(final, message["sent_at"])  # a slow clock delivers nothing before it was handed over
        if became != "not sent":
            handed_over = message.get("sent_at") or message.get("delivered_at") or final
            found.append(("sent", message["message_id"], handed_over))
        if became in ("delivered", "failed"):
            found.append((became, message["message_id"], final))
    return found


def bucket(moment, zone, size_minutes):
    """The start of the local bucket, aligned to local midnight of a Monday, as naive local time."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local - (local - datetime(1969, 12, 29)) % timedelta(minutes=size_minutes)


def timeline(database, campaigns, zone, size_minutes):
    """local bucket → Counter of sent, delivered and failed messages; only buckets in which something happened."""
    buckets = defaultdict(Counter)
    for kind, _, moment in happenings(database, campaigns):
        if moment is not None:
            buckets[bucket(moment, zone, size_minutes)][kind] += 1
    return dict(buckets)


def data_as_of(database):
    """The latest time of a message, an event or an outcome that is not in the future."""
    times = [
        row.get(name) for row in database.messages for name in ("queued_at", "sent_at", "delivered_at", "failed_at")
    ]
    times += [row["occurred_at"] for row in (*database.events, *database.outcomes)]
    return max((each for each in times if each is not None and each <= database.opened_at), default=None)


# Send times


def answers(database, campaigns, metric, channel=None):
    """(message, hand-over, first answer or None) of the messages that answers are of, whose source tells them."""
    engagement, sources = engagement_of_messages(database), Sources(database)
    kind = "opened" if metric == "opened_human" else metric
    for message in chosen_messages(database, campaigns):
        handed_over = message.get("sent_at") or message.get("queued_at") or message.get("delivered_at")
        if not handed_over or not sources.tell(message, kind) or channel not in (None, message["channel"]):
            continue
        if sources.base_has(message):
            mine = [event for event in engagement[message["message_id"]] if event["kind"] == kind]
            times = [e["occurred_at"] for e in mine if metric == "opened" or machine_oracle.is_content(database, e)]
            yield message, handed_over, min(filter(None, times), default=None)


def send_slots(database, campaigns, metric, window_hours, timezone=None, channel=None):
    """(campaign id, channel, ISO weekday, hour) → delivered, mature, responded, answered_before."""
    cells = defaultdict(lambda: {"delivered": 0, "mature": 0, "responded": 0, "answered_before": 0})
    window, now, firsts = (
        timedelta(hours=window_hours),
        data_as_of(database),
        first_answers(database, campaigns, metric),
    )
    for message, handed_over, answered in answers(database, campaigns, metric, channel):
        local = handed_over.astimezone(clock(database, message, timezone))
        cell = cells[str(message["campaign_id"]), message["channel"], local.isoweekday(), local.hour]
        cell["delivered"] += 1
        if handed_over + window <= now:
            cell["mature"] += 1
            cell["responded"] += answered is not None and answered <= handed_over + window
            first = firsts.get(message["contact_id"])
            cell["answered_before"] += first is not None and first < handed_over
    return dict(cells)


def first_answers(database, campaigns, metric):
    """contact → when they, or a machine of theirs, first did it."""
    of = {message["message_id"]: message["contact_id"] for message in chosen_messages(database, campaigns)}
    kind, firsts = "opened" if metric == "opened_human" else metric, {}
    for event in database.events:
        if event["kind"] == kind and event["message_id"] in of and event["occurred_at"]:
            contact = of[event["message_id"]]
            firsts[contact] = min(event["occurred_at"], firsts.get(contact, event["occurred_at"]))
    return firsts


def answered_by(database, campaigns, metric, age, step, channel):
    """Kaplan and Meier's share of messages answered by an age, both timedeltas; ages in whole steps, as `age` is.

    Message by message: at each step the answers among those not yet answered and followed so long.
    """
    now, fates = data_as_of(database), []
    for _, handed_over, answered in answers(database, campaigns, metric, channel):
        followed = max((now - handed_over) // step, 0)
        answer = None if answered is None else max(-(-(answered - handed_over) // step), 1)
        fates.append((answer, followed))
    silent = 1.0
    for at in range(1, age // step + 1):
        followed = [answer for answer, followed in fates if followed >= at and (answer is None or answer >= at)]
        silent *= 1 - sum(answer == at for answer in followed) / len(followed) if followed else 1
    return 1 - silent


# Campaigns at equal age


def first_hand_overs(database):
    """(campaign, contact) → when that person first had a message handed over; None where none was."""
    first = {}
    for message in database.messages:
        key = message["campaign_id"], message["contact_id"]
        handed_over = None if message["status"] == "queued" else message.get("sent_at") or message.get("queued_at")
        known = [moment for moment in (first.get(key), handed_over) if moment is not None]
        first[key] = min(known, default=None)
    return first


def equal_age(database, campaigns, age_hours=None):
    """The age at which people are compared: the one asked for, else that of the last message of a campaign but for its
    stragglers, whole hours at its end in which no more people than a quarter of √n were written to; at most a week."""
    now, week, first = data_as_of(database), timedelta(days=7), first_hand_overs(database)
    ages = []
    for row in chosen_campaigns(database, campaigns):
        moments = [moment for (campaign, _), moment in first.items() if campaign == row["campaign_id"] and moment]
        left_out = int(len(moments) ** 0.5 / 4)
        while moments and left_out >= len(later := [at for at in moments if _hour(at) == _hour(max(moments))]):
            left_out -= len(later)
            moments = [at for at in moments if at not in later]
        last = max(moments, default=row["started_at"])
        ages.append(max(now - last, timedelta(0)) if now else timedelta(0))
    age = min(week, min(ages) if age_hours is None else timedelta(hours=age_hours))
    return age - age % timedelta(hours=1) if age >= timedelta(hours=1) else age


def _hour(moment):
    return moment.replace(minute=0, second=0, microsecond=0)


def as_it_stood(database, until):
    """The database as it was when each message had reached its moment: what `until` says of it.

    What comes later keeps its row, but at no possible time; and an event on a message that failed in the end counts at
    no age.
    """
    never, by_message = datetime.max.replace(tzinfo=UTC), by_id(database.messages, "message_id")
    messages, events = [], []
    for message in database.messages:
        moment = until(message) or never
        status = message["status"]
        final = {"delivered": message.get("delivered_at"), "failed": message.get("failed_at")}.get(status)
        if final is not None and final > moment:
            status = "sent"
        handed_over = message.get("sent_at") or message.get("queued_at")
        if handed_over is not None and handed_over > moment:
            status = "queued"
        messages.append({**message, "status": status})
    for event in database.events:
        message = by_message[event["message_id"]]
        at = event["occurred_at"] or never  # what has no time had not happened at any age
        counts = message["status"] != "failed" and at <= (until(message) or never)
        events.append(event if counts else {**event, "occurred_at": never})
    stood = replace(database, messages=messages, events=events)
    stood.whole = database  # what a source can tell is known from later, too
    return stood


def at_equal_age(database, campaigns, age_hours=None, age=None):
    """campaign id as text → the ledger and the engagement of the people who have reached the age compared, as they
    stood at it, or at `age`."""
    whole = equal_age(database, campaigns, age_hours)
    age = whole if age is None else age
    first, now, by = first_hand_overs(database), data_as_of(database), ("campaign_id",)
    of = {message["message_id"]: (message["campaign_id"], message["contact_id"]) for message in database.messages}
    chosen = [row["campaign_id"] for row in chosen_campaigns(database, campaigns)]
    young = {key for key, moment in first.items() if key[0] in chosen and moment and moment + whole > now}
    never = datetime.max.replace(tzinfo=UTC)
    rows, declared = [], {}
    for row in database.campaigns:
        left = sum(key[0] == row["campaign_id"] for key in young)
        declared[str(row["campaign_id"])] = row.get("audience_size")
        size = None if row.get("audience_size") is None else max(row["audience_size"] - left, 0)
        rows.append({**row, "audience_size": size})
    without = {message for message, key in of.items() if key[0] in chosen and first[key] is None}
    events = [{**event, "occurred_at": never} if event["message_id"] in without else event for event in database.events]
    older = replace(
        database,
        campaigns=rows,
        messages=[message for message in database.messages if of[message["message_id"]] not in young],
        events=[event for event in events if of[event["message_id"]] not in young],
    )

    def until(message):
        moment = first.get((message["campaign_id"], message["contact_id"]))
        return moment + age if moment and message["campaign_id"] in chosen else None

    then = as_it_stood(older, until)
    then.whole = database  # the young tell of their sources, too
    did = engagement(then, campaigns, by)
    if len({row["engagement_base_name"] for row in did.values() if row["channels"]}) > 1:  # compared by one base
        did = engagement(then, campaigns, by, "not failed")
    ledgers = delivery(then, campaigns, by)
    return {
        group[0]: {**ledger, **did[group], "audience_declared": declared[group[0]]} for group, ledger in ledgers.items()
    }


def shared_contacts(database, campaigns):
    """{campaign id, other id} as texts → contacts with a message of both, and their share of the smaller."""
    reached = defaultdict(set)
    for message in chosen_messages(database, campaigns):
        reached[str(message["campaign_id"])].add(message["contact_id"])
    found = {}
    for one, other in combinations(reached, 2):
        if both := reached[one] & reached[other]:
            found[frozenset((one, other))] = len(both), len(both) / min(len(reached[one]), len(reached[other]))
    return found


# Failures


def failure_codes():
    with files("reportlib.metrics.failures").joinpath("codes.csv").open(encoding="utf-8") as lines:
        return {(row["provider"], row["code"]): row for row in csv.DictReader(lines)}


def failure_meaning(codes, channel, provider, code, reason):
    """permanence, category of a failure (providers.md §9.3), from the particular to the general; never guessed."""
    code = None if code is None else str(code)
    row = codes.get((provider, code))
    if row is None and code and "/" in code:
        space, number = code.split("/", 1)
        row = codes.get((f"{provider}_{space}", number))
    if row is None and provider == "whatsapp" and code and re.fullmatch(r"2\d\d", code):
        row = codes["whatsapp", "200"]
    verdict, _, status = (code or "").rpartition("/")
    if row is None and channel == "email" and (provider, verdict) in codes:
        row, why = codes[provider, verdict], _mail_meaning(codes, status)
        if why is not None and why["category"] != "unknown":
            row = {**why, "permanence": why["permanence"] if row["permanence"] == "unknown" else row["permanence"]}
    elif row is None and channel == "email":
        row = _mail_meaning(codes, code) or _mail_meaning(codes, reason)
    if row is None:
        row = _said_in_words(codes, channel, provider, code, reason)
    if row is None or row["permanence"] == "none":
        return ("unknown", "unknown" if row is None else row["category"])
    return (row["permanence"], row["category"])


def _said_in_words(codes, channel, provider, code, reason):
    """What the provider says in words: hard, soft, blocked, suppressed; or a code of its own within the reason."""
    verdicts = {
        "hard": {"permanence": "permanent", "category": "invalid_recipient"},
        "soft": {"permanence": "transient", "category": "unknown"},
        "blocked": {"permanence": "transient", "category": "carrier_blocked"},
        "suppressed": {"permanence": "permanent", "category": "suppressed"},
    }
    for word in re.findall("[a-z]+", (code or "").lower()):
        if word in verdicts:
            return verdicts[word]
    known = provider or ("whatsapp" if channel == "whatsapp" else None)
    for number in re.findall(r"[\w.]+", reason or ""):
        if number.isdigit() and len(number) > 2 and (known, number) in codes:
            return codes[known, number]
    words = re.findall("[a-z]+", (reason or "").lower())
    return verdicts.get(words[0]) if words else None


def _mail_meaning(codes, text):
    """Enhanced status c.s.d, then c.s.0, then its class (RFC 3463); else the reply code (RFC 5321)."""
    enhanced = re.search(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)", text or "")
    if enhanced:
        of_class, subject, detail = enhanced.groups()
        for status in (f"{of_class}.{subject}.{detail}", f"{of_class}.{subject}.0", f"{of_class}.0.0"):
            if ("smtp", status) in codes:
                return codes["smtp", status]
    reply = re.match(r"\s*([45]\d\d)\b(?!\.)", text or "")
    return codes.get(("smtp_reply", reply.group(1))) if reply else None


def failures(database, campaigns=None, by=()):
    """group → Counter of (channel, provider, code, permanence, category), one for each failed person.

    A person with several failed messages counts with the latest of them.
    """
    codes = failure_codes()
    engagement = engagement_of_messages(database)
    answers = {}
    for group, members in people(database, campaigns, by).items():
        kinds = Counter()
        for messages in members.values():
            if _best_outcome(messages, engagement) == "failed":
                kinds[_failure_kind(codes, _latest_failure(messages))] += 1
        if kinds:
            answers[group] = kinds
    return answers


def _failure_kind(codes, message):
    channel, provider, code = message["channel"], message.get("provider"), message.get("failure_code")
    meaning = failure_meaning(codes, channel, provider, code, message.get("failure_reason"))
    return (channel, provider or "(unknown)", None if code is None else str(code), *meaning)


def _latest_failure(messages):
    failed = [each for each in messages if each["status"] == "failed"]
    return max(failed, key=lambda each: each.get("failed_at") or datetime.min.replace(tzinfo=UTC))


# What is odd


def data_problems(database, campaigns=None):
    """problem → count, only those that occur."""
    messages = chosen_messages(database, campaigns)
    engagement = engagement_of_messages(database)
    now = data_as_of(database)  # what a database that is no longer fed could not know is not held against it
    count = Counter()
    sources = Sources(database)
    for message in messages:
        for event in (each for each in database.events if each["message_id"] == message["message_id"]):
            if not is_plausible(database, message, event):
                count["impossible event time"] += 1
            elif not is_possible(message, event):
                count["opened SMS"] += 1
            elif message["status"] == "failed" and reaches(event):
                count["engagement on a failed message"] += 1
        waited = now - message["sent_at"] if message.get("sent_at") and now else timedelta(0)
        waits = outcome(message, engagement) == "pending" and sources.tell(message, "delivered")
        if waits and waited > timedelta(hours=72):
            count["no outcome after 72 hours"] += 1
    written = people(database, campaigns, ("campaign_id",))
    for row in chosen_campaigns(database, campaigns):
        if row.get("audience_size") is not None:
            beyond = len(written.get((str(row["campaign_id"]),), ())) - row["audience_size"]
            count["larger audience than declared"] += max(beyond, 0)
    return {problem: number for problem, number in count.items() if number}


# The export


def summary(database, campaigns=None):
    """(campaign id, channel or "all") → the columns of the export after `channel`, without data_as_of."""
    rows = {}
    for campaign in chosen_campaigns(database, campaigns):
        key = campaign["campaign_id"]
        for by in (("channel",), ()):
            ledgers, activities = delivery(database, key, by), engagement(database, key, by)
            for group, ledger in ledgers.items():
                rows[str(key), group[0] if by else "all"] = _summary_row(ledger, activities[group])
    return rows


def _summary_row(ledger, did):
    row = {name: ledger[name] for name in ("audience", "not_sent", "sent", "delivered", "failed", "pending")}
    for name in ("sent", "delivered", "failed", "pending"):
        row[f"{name}_pct_of_audience"] = percent(ledger[name], ledger["audience"])
    for name in ("delivered", "failed"):
        row[f"{name}_pct_of_sent"] = percent(ledger[name], ledger["sent"])
    row["delivered_implied"] = ledger["delivered_implied"]
    if not ledger["delivery_measured"]:
        row |= {name: None for name in row if name.startswith(("delivered", "pending"))}
    if not ledger["failed_measured"]:
        row |= {name: None for name in row if name.startswith(("failed", "pending"))}
    row |= {name: did[name] for name in (*ACTIONS, "opened_total", "clicked_total", "replied_total")}
    row |= {name: did[name] for name in ("engagement_base", "engagement_base_name")}
    channels = set(did["channels"].split("+")) - {""}
    comparable = len(channels) == 1 and channels != {"sms"}  # opens of several channels are never pooled
    for name, given in (("opened", comparable), ("opened_human", comparable), ("clicked", True), ("replied", True)):
        within = did[f"{name}_in_base"]
        given = given and channels and within is not None
        row[f"{name}_pct_of_delivered"] = percent(within, did["engagement_base"]) if given else None
    told = comparable and None not in [did[name] for name in ("opened_in_base", "clicked_in_base", "clicked", "opened")]
    row["click_to_open_pct"] = percent(did["clicked"], did["opened_or_clicked"]) if told else None
    return row


def percent(count, base):
    """Zero over zero is missing, never 0 %."""
    return 100 * count / base if base else None
