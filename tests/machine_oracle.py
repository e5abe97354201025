"""Which events are people's, once more in the plainest Python: what the rules' SQL must agree with.

Written from docs/machine_clicks.md, with its numbers from `rules`: loops over the rows of a SmallDatabase.
"""

import csv
import re
from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise

from reportlib.metrics.people.machines import rules
from tests import oracle

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def verdicts(database) -> dict:
    """(event id → "human", "unsure", "machine" or "aside", a person's click on a link that is no content)."""
    whole = getattr(database, "whole", database)  # an earlier moment knows no less
    if not hasattr(whole, "_verdicts"):
        whole._verdicts = _Court(whole).verdicts()
    return whole._verdicts


def is_content(database, event) -> bool:
    """Whether a person did it, of content."""
    return verdicts(database)[event["event_id"]] == "human"


class _Court:
    def __init__(self, database):
        self.database = database
        self.messages = oracle.by_id(database.messages, "message_id")
        self.domains = {row["contact_id"]: row.get("email_domain") for row in database.contacts}
        self.accounts = {row["campaign_id"]: row["account_id"] for row in database.campaigns}
        self.counted = oracle.engagement_of_messages(database)
        self.clicks = defaultdict(list)  # by message, those that count, have a time and were not flagged
        for message, events in self.counted.items():
            silent = [each for each in events if each["kind"] == "clicked" and each.get("is_machine") is None]
            self.clicks[message] = [each for each in silent if each["occurred_at"] is not None]
        self.hasty = self._all_quick()
        self.limits = {account: self._own_limits(account) for account in set(self.accounts.values())}
        self.gateways = {account: self._gateways(account) for account in set(self.accounts.values())}

    def verdicts(self):
        found = {}
        for event in self.database.events:
            message = self.messages.get(event["message_id"])
            scan = self._scan(message) if message else (None, None, None)
            found[event["event_id"]] = self._verdict(event, message, scan) if message else "human"
        return found

    def _verdict(self, event, message, scan):
        if event.get("is_machine") is not None:
            found = "machine" if event["is_machine"] else "human"
        elif event["kind"] == "clicked":
            found = self._of_click(event, message, scan)
        elif event["kind"] == "opened" and message["channel"] == "email":
            found = self._of_open(event, message, scan)
        else:
            found = "human"
        is_aside = event["kind"] == "clicked" and has_pattern(event, "aside")
        return "aside" if is_aside and found != "machine" else found

    def _of_click(self, event, message, scan):
        if has_pattern(event, "hidden"):
            return "machine"
        if event["occurred_at"] is None:
            return "human"
        by_scan, after = _in_scan(event, scan), self._after(event, message)
        machine, unsure = self.limits[self.accounts[message["campaign_id"]]][message["channel"]]
        if (message["campaign_id"], message["channel"]) in self.hasty and machine > timedelta(0):
            machine = unsure = rules.SOON[message["channel"]].machine * SECOND
        in_time = after is not None and after >= -MINUTE
        if by_scan == "machine" or (in_time and after <= machine):
            return "machine"
        return "unsure" if by_scan == "unsure" or (in_time and after <= unsure) else "human"

    def _of_open(self, event, message, scan):
        if event["occurred_at"] is None:
            return "human"
        after = self._after(event, message)
        if after is not None and -MINUTE <= after <= rules.SOON["email"].machine * SECOND:
            return "machine"
        return _in_scan(event, scan) or "human"

    def _after(self, event, message):
        handed_over = message.get("sent_at") or message.get("queued_at")
        arrived = (message.get("delivered_at") or handed_over) if message["channel"] == "email" else handed_over
        return None if arrived is None else event["occurred_at"] - arrived

    # How soon people click

    def _mine(self, account, channel=None):
        for message, clicks in self.clicks.items():
            row = self.messages[message]
            if self.accounts[row["campaign_id"]] == account and channel in (None, row["channel"]):
                yield row, clicks

    def _all_quick(self):
        """(campaign, channel) where there is a quick click for every second message: people may be so."""
        sent = Counter((m["campaign_id"], m["channel"]) for m in self.database.messages if m["status"] != "queued")
        quick = Counter()
        for message in self.database.messages:
            quick[message["campaign_id"], message["channel"]] += len(self._quick_clicks(message))
        return {key for key, clicks in quick.items() if clicks and 100 * clicks >= rules.ALL_QUICK * sent[key]}

    def _own_limits(self, account):
        found = {}
        for channel, soon in rules.SOON.items():
            mine = [one for one in self._mine(account, channel) if (one[0]["campaign_id"], channel) not in self.hasty]
            clicks = [(each, row) for row, clicks in mine for each in clicks]
            found[channel] = (soon.machine * SECOND, soon.unsure * SECOND)
            if clicks and self._is_coarse(clicks):
                found[channel] = (-2 * MINUTE, -2 * MINUTE)
                continue
            after = [self._after(*each) for each in clicks]
            late = [each for each in after if each is None or each < -MINUTE or each > rules.LATEST * SECOND]
            if len(late) >= rules.KNOWN:
                found[channel] = self._limits_of(after, len(late), soon.machine)
        return found

    def _is_coarse(self, clicks):
        on_minutes = sum(
            each["occurred_at"] == each["occurred_at"].replace(second=0, microsecond=0) for each, _ in clicks
        )
        return on_minutes >= rules.COARSE * len(clicks)

    def _limits_of(self, after, people, least):
        def within(low, high):
            lowest = -MINUTE if low is None else low * SECOND + timedelta.resolution
            return sum(each is not None and lowest <= each <= high * SECOND for each in after)

        start, end = rules.REFERENCE
        pace = (within(start, end) + rules.FEWER) / (end - start)
        machine = unsure = least
        edges = [edge for edge in rules.EDGES if least <= edge <= rules.LATEST]
        for before, edge in pairwise(edges):
            new, most, most_new = within(before, edge), pace * (edge - least) / 2, pace * (edge - before)
            many = within(least, edge) >= max(rules.FEW, rules.EXCESS * most) and new >= rules.EXCESS * most_new / 2
            machine = edge if many and most <= rules.LOST * people else machine
            unsure = edge if new >= max(rules.FEW, rules.DOUBT * most_new) else unsure
        return machine * SECOND, max(machine, unsure) * SECOND

    # Domains that click all

    def _gateways(self, account):
        """domain → window, and whether it clicks several times; and the campaigns in which everybody is quick."""
        mails = [m for m in self.database.messages if m["channel"] == "email" and m["status"] in ("sent", "delivered")]
        mails = [m for m in mails if self.accounts[m["campaign_id"]] == account]
        quick = {m["message_id"]: self._soonest(m) for m in mails}
        if sum(len(self._quick_clicks(m)) for m in mails) * 100 < rules.DOMAIN_MESSAGES * rules.NEARLY_ALL:
            return {}, set()

        def share(some, window):
            fast = sum(quick[m["message_id"]] is not None and quick[m["message_id"]] <= window * SECOND for m in some)
            return 100 * fast, len(some)

        hasty, found = set(), {}
        for campaign in {m["campaign_id"] for m in mails}:
            fast, count = share([m for m in mails if m["campaign_id"] == campaign], rules.WINDOWS[-1])
            if fast >= rules.ALL_QUICK * count:
                hasty.add(campaign)
        ordinary = [m for m in mails if m["campaign_id"] not in hasty]
        for domain in {self.domains.get(m["contact_id"]) for m in ordinary} - {None}:
            theirs = [m for m in ordinary if self.domains.get(m["contact_id"]) == domain]
            for window in rules.WINDOWS:
                fast, count = share(theirs, window)
                if count >= rules.DOMAIN_MESSAGES and fast >= rules.NEARLY_ALL * count:
                    clicks = sum(len(self._quick_clicks(m)) for m in theirs)
                    clicked = sum(quick[m["message_id"]] is not None for m in theirs)
                    found[domain] = window, clicks > rules.ONE_CLICK * clicked
                    break
        return found, hasty

    def _quick_clicks(self, message, window=rules.WINDOWS[-1]):
        after = [(self._after(each, message), each) for each in self.clicks[message["message_id"]]]
        return [each for ago, each in after if ago is not None and -MINUTE <= ago <= window * SECOND]

    def _soonest(self, message):
        return min((self._after(each, message) for each in self._quick_clicks(message)), default=None)

    # Scans of one message

    def _scan(self, message):
        """From when until when its clicks are a machine's, and until when they are unsure."""
        account = self.accounts[message["campaign_id"]]
        scans = [self._by_links(message), self._by_domain(message, *self.gateways[account])]
        starts, ends, doubts = ([each for each in one if each is not None] for one in zip(*scans, strict=True))
        return min(starts, default=None), max(ends, default=None), max(doubts, default=None)

    def _by_links(self, message):
        account = self.accounts[message["campaign_id"]]
        if self.limits[account][message["channel"]][0] < timedelta(0):
            return None, None, None
        clicks = [each for each in self.clicks[message["message_id"]] if each.get("url") is not None]
        return self._burst(clicks, rules.LINKS_MS)

    def _burst(self, clicks, span_ms):
        """From when until when many of these links were clicked."""
        starts, ends = [], []
        for first in clicks:
            end = first["occurred_at"] + span_ms * timedelta(milliseconds=1)
            soon = [each for each in clicks if first["occurred_at"] <= each["occurred_at"] <= end]
            asides = Counter(has_pattern(each, "aside") for each in soon)
            if len({each["url"] for each in soon}) >= rules.LINKS or len(asides) == 2:
                starts.append(first["occurred_at"])
                ends.append(max(each["occurred_at"] for each in soon))
        if not starts:
            return None, None, None
        return min(starts), min(max(ends), min(starts) + rules.LONGEST_SCAN_MS * timedelta(milliseconds=1)), None

    def _by_domain(self, message, gateways, hasty):
        window, several = gateways.get(self.domains.get(message["contact_id"]), (None, None))
        if window is None or message["channel"] != "email":
            return None, None, None
        clicks = self._quick_clicks(message, window)
        if not clicks:
            return None, None, None
        times = [each["occurred_at"] for each in clicks]
        if message["campaign_id"] in hasty:
            return None, None, max(times)
        if window <= rules.QUICK_WINDOW:
            return min(times), max(times), max(times)
        if not several:
            return (min(times), max(times), min(times)) if len(clicks) == 1 else (None, None, min(times))
        start, end, _ = self._burst([each for each in clicks if each.get("url") is not None], rules.SLOW_LINKS_MS)
        if start is None:
            return None, None, max(times)
        links = {each["url"] for each in clicks if each.get("url") is not None}
        return (None, None, end) if len(clicks) > len(links) else (start, end, None)


def _in_scan(event, scan):
    start, end, doubt = scan
    at = event["occurred_at"]
    if start is not None and start <= at <= end:
        return "machine"
    return "unsure" if doubt is not None and at <= doubt else None


def has_pattern(event, what) -> bool:
    """Whether the event's link is of our patterns of that sort."""
    return any(pattern.search((event.get("url") or "").lower()) for pattern in _patterns(what))


@cache
def _patterns(what):
    with files("reportlib.metrics.people.machines").joinpath("link_patterns.csv").open(encoding="utf-8") as lines:
        rows = [row["pattern"] for row in csv.DictReader(lines) if row["what"] == what]
    return [re.compile(re.escape(pattern).replace("_", "."), re.DOTALL) for pattern in rows]
