"""The people of an account once more in plain Python, from what docs/audience.md says."""

from collections import Counter, defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from reportlib.metrics.failures.catalogue import meaning_of_code, read_catalogue
from tests import machine_oracle, oracle

DAY = timedelta(days=1)
HUMAN = ("clicked", "opened", "replied")
LOST_BY = {"complained": "complained", "unsubscribed": "opted out"}
CODES = read_catalogue()


def account_messages(database, account):
    ids = {
        row["campaign_id"]
        for row in database.campaigns
        if row["account_id"] == account and oracle.is_reportable(database, row)
    }
    return [row for row in database.messages if row["campaign_id"] in ids and row["status"] != "queued"]


def people(database, account):
    """(contact, channel) → what is known of them: joined, first, lost, reason, reactions, machine, told, sent."""
    mine = account_messages(database, account)
    handed = [one for row in mine if (one := row.get("sent_at") or row.get("queued_at"))]
    start = min(handed, default=oracle.data_as_of(database))
    created = {row["contact_id"]: row.get("created_at") for row in database.contacts}
    by_person = defaultdict(list)
    for row in mine:
        by_person[row["contact_id"], row["channel"]].append((moment(row, start), row))
    events = oracle.engagement_of_messages(database)
    return {
        person: _known(database, person, sent, events, created.get(person[0]), start)
        for person, sent in by_person.items()
    }


def _known(database, person, sent, events, created, start):
    first, good, reactions, machine, gone = min(at for at, _ in sent), None, [], False, []
    for at, row in sent:
        reached = at if row["status"] == "delivered" else None
        for event in events[row["message_id"]]:
            on = row.get("sent_at") or row.get("queued_at") or start
            moment = event["occurred_at"] or on
            if event["kind"] in HUMAN:
                reached = max(reached or on, on)
                verdict = machine_oracle.verdicts(database)[event["event_id"]]
                reactions += [moment] if verdict == "human" else []
                machine = machine or verdict == "machine"
            else:
                gone.append((moment, LOST_BY[event["kind"]]))
        good = max(filter(None, (good, reached)), default=None)
    gone += [
        (row["occurred_at"], "opted out")
        for row in database.outcomes
        if row["kind"] == "unsubscribed" and row["contact_id"] == person[0]
    ]
    gone += [(at, "permanently failed") for at, row in sent if is_permanent(row) and (good is None or at > good)]
    order = ["complained", "opted out", "permanently failed"]
    lost, reason = min(gone, key=lambda one: (one[0], order.index(one[1])), default=(None, None))
    joined = created if created and created < first else first
    return {"joined": joined, "first": first, "lost": lost and max(lost, first), "reason": reason,
            "reactions": reactions, "machine": machine, "told": any(is_told(database, row) for _, row in sent),
            "sent": [at for at, _ in sent]}  # fmt: skip


def deliverability(database, account, zone):
    """(channel, who carries it, week) → messages, those that failed, for good, and again; with a receipt, complained
    about."""
    mine = account_messages(database, account)
    handed = [one for row in mine if (one := row.get("sent_at") or row.get("queued_at"))]
    start = min(handed, default=oracle.data_as_of(database))
    contacts = {row["contact_id"]: row for row in database.contacts}
    sources, complained = (
        oracle.Sources(database),
        {event["message_id"] for event in database.events if event["kind"] == "complained"},
    )
    told = [(moment(row, start), row) for row in mine if sources.tell(row, "failed")]
    first_failed: dict = {}
    for at, row in told:
        person = row["contact_id"], row["channel"]
        if row["status"] == "failed":
            first_failed[person] = min(at, first_failed.get(person, at))
    groups = defaultdict(list)
    for at, row in told:
        if at > oracle.data_as_of(database) - 26 * 7 * DAY:
            by = "email_domain" if row["channel"] == "email" else "carrier"
            group = contacts.get(row["contact_id"], {}).get(by) or "(unknown)"
            if row["channel"] == "email" and group != "(unknown)":
                group = "Google" if group.lower() in ("gmail.com", "googlemail.com") else "others"
            groups[row["channel"], group, week(at, zone)].append((at, row))
    return {key: _carried(rows, sources, first_failed, complained) for key, rows in groups.items()}


def _carried(rows, sources, first_failed, complained):
    failed = [(at, row) for at, row in rows if row["status"] == "failed"]

    def where_told(what, holds):
        counted = sum(map(holds, (row for _, row in rows)))
        return counted if all(sources.tell(row, what) for _, row in rows) else None

    return {
        "sent": len(rows),
        "failed": len(failed),
        "permanent": sum(is_permanent(row) for _, row in rows),
        "repeated": sum(at > first_failed[row["contact_id"], row["channel"]] for at, row in failed),
        "delivered": where_told("delivered", lambda row: row["status"] == "delivered"),
        "complained": where_told("complained", lambda row: row["message_id"] in complained),
    }


def moment(row, start):
    """When a message was handed over, as far as anything says."""
    times = ("sent_at", "queued_at", "delivered_at", "failed_at")
    return next((row[name] for name in times if row.get(name)), start)


def is_permanent(row):
    if row["status"] != "failed" or not row.get("failure_code") or not row.get("provider"):
        return False
    found = meaning_of_code(CODES, row["channel"], row["provider"], str(row["failure_code"]))
    return bool(found) and found.permanence == "permanent"


def is_told(database, row):
    """Whether somebody would tell of a reaction to this message."""
    if row["status"] == "failed":
        return False
    if row["channel"] == "sms":
        alike = [
            one["message_id"]
            for one in database.messages
            if all(one.get(name) == row.get(name) for name in ("campaign_id", "channel", "provider"))
        ]
        if not any(event["message_id"] in alike and event["kind"] in ("clicked", "replied")
                   for event in database.events):  # fmt: skip
            return False
    return any(oracle.Sources(database).tell(row, kind) for kind in HUMAN)


def with_whole(found):
    """The same, and each contact once, as of the channel "all"."""
    contacts = defaultdict(list)
    for (contact, _), one in found.items():
        contacts[contact].append(one)
    whole = dict(found)
    for contact, ones in contacts.items():
        still = any(one["lost"] is None for one in ones)
        whole[contact, "all"] = {
            "joined": min(one["joined"] for one in ones),
            "first": min(one["first"] for one in ones),
            "lost": None if still else max(one["lost"] for one in ones),
            "reason": None if still else min(one["reason"] for one in ones),
            "reactions": [at for one in ones for at in one["reactions"]],
            "machine": any(one["machine"] for one in ones),
            "told": any(one["told"] for one in ones),
            "sent": [at for one in ones for at in one["sent"]],
        }
    return whole


def state(one, moment, then=False):
    reactions = [at for at in one["reactions"] if not then or at <= moment]
    if one["first"] > moment:
        return "not yet"
    if one["lost"] and one["lost"] <= moment:
        return "lost"
    if reactions:
        age = moment - max(reactions)
        return next((f"{days} days" for days in (7, 30, 90, 180) if age < days * DAY), "longer")
    return "machines only" if one["machine"] else "never" if one["told"] else "not measurable"


def sleeps(one, moment, days, then=False):
    reactions = [at for at in one["reactions"] if not then or at <= moment]
    is_there = one["first"] <= moment - days * DAY and not (one["lost"] and one["lost"] <= moment)
    silent = max(reactions) <= moment - days * DAY if reactions else one["told"] and not one["machine"]
    return is_there and silent


def week(moment, zone):
    year, number, _ = moment.astimezone(ZoneInfo(zone)).isocalendar()
    return f"{year:04}-W{number:02}"


def attention(database, account):
    now = oracle.data_as_of(database)
    found = with_whole(people(database, account))
    return Counter((channel, state(one, now - 30 * DAY, True), state(one, now)) for (_, channel), one in found.items())


def sleepers(database, account, days):
    """(channel, group) → people, messages, reacted, opted out, complained, failed, sleeping now."""
    now = oracle.data_as_of(database)
    then, rows = now - 30 * DAY, defaultdict(Counter)
    for (_, channel), one in people(database, account).items():
        if state(one, then, True) in ("lost", "not yet"):
            continue
        slept = sleeps(one, then, days, True)
        if not slept and state(one, then, True) in ("machines only", "not measurable"):
            continue
        rows[channel, "sleepers" if slept else "others"] += Counter(
            people=1,
            messages=sum(at > then for at in one["sent"]),
            reacted=any(at > then for at in one["reactions"]),
            now_sleeping=sleeps(one, now, days),
            **({{"opted out": "opted_out", "permanently failed": "failed"}.get(one["reason"], "complained"): 1}
               if one["lost"] else {}),
        )  # fmt: skip
    return {key: +row for key, row in rows.items() if +row}


def changes(database, account, zone):
    """Counters of those who joined and were lost: (channel, week), and (channel, week, reason)."""
    found = with_whole(people(database, account))
    joined = Counter((channel, week(one["joined"], zone)) for (_, channel), one in found.items())
    lost = Counter(
        (channel, week(one["lost"], zone), one["reason"]) for (_, channel), one in found.items() if one["lost"]
    )
    return joined, lost


def still_written(database, account):
    then, found = oracle.data_as_of(database) - 30 * DAY, Counter()
    for (_, channel), one in people(database, account).items():
        if one["lost"] and one["lost"] <= then:
            found[channel, one["reason"]] += sum(at > then for at in one["sent"])
    return +found


def by_country(database, account):
    now, found = oracle.data_as_of(database), defaultdict(Counter)
    country = {row["contact_id"]: row.get("country") or "(unknown)" for row in database.contacts}
    for (contact, channel), one in with_whole(people(database, account)).items():
        if channel != "all":
            continue
        told = one["reactions"] or (one["told"] and not one["machine"])
        found[country.get(contact, "(unknown)")].update(
            reachable=one["lost"] is None,
            lost=one["lost"] is not None and one["lost"] > now - 30 * DAY,
            asked=one["lost"] is None and bool(told),
            active=one["lost"] is None and any(at > now - 90 * DAY for at in one["reactions"]),
        )
    return {group: dict(row) for group, row in found.items() if row["reachable"] + row["lost"]}


def changes_by_country(database, account, zone):
    """Counters of those who joined, and were lost on every channel: (country, week)."""
    country = {row["contact_id"]: row.get("country") or "(unknown)" for row in database.contacts}
    found = with_whole(people(database, account))
    whole = [(country.get(contact, "(unknown)"), one) for (contact, name), one in found.items() if name == "all"]
    joined = Counter((group, week(one["joined"], zone)) for group, one in whole)
    return joined, Counter((group, week(one["lost"], zone)) for group, one in whole if one["lost"])


def ways(database, account):
    by_contact = defaultdict(set)
    for (contact, channel), one in people(database, account).items():
        by_contact[contact] |= {channel} if one["lost"] is None else set()
    return Counter("+".join(sorted(names)) for names in by_contact.values())


def monday(moment, zone):
    day = moment.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())
