"""The rules by which a click or an open that its source does not flag is a person's, a machine's or unsure: as data.

What only a machine does is a machine's; what people do too, but machines more often, is unsure. Whatever is neither is
a person's. Each number has its reason beside it; docs/machine_clicks.md has how often they are right.
"""

from dataclasses import dataclass

HUMAN, UNSURE, MACHINE = "human", "unsure", "machine"
SECOND_MS, MINUTE_MS = 1_000, 60_000


@dataclass(frozen=True)
class Rule:
    """What tells a machine: `label` as a page says it, `reason` why people do not do it."""

    name: str
    label: str
    reason: str


RULES = {
    one.name: one
    for one in (
        Rule("flagged", "flagged by the provider", "The source says so."),
        Rule("hidden link", "followed a link that no person sees", "Who cannot see a link cannot click it."),
        Rule(
            "many links",
            "many different links within seconds",
            "A person reads between two links, and clicks one twice at once rather than three.",
        ),
        Rule(
            "whole domain",
            "a whole domain that clicks nearly everything at once",
            "The people of one company do not all click every e-mail within minutes; its mail gateway does.",
        ),
        Rule("too soon", "sooner than a person can", "To notice, open, read and click takes a person some seconds."),
    )
}


@dataclass(frozen=True)
class Soon:
    """How soon after it arrived a click on a channel is too soon, in seconds.

    Up to `machine` nobody can have clicked. Up to `unsure` one may not say, where too few clicks of the account are
    known: people there are hardly ever that quick.
    """

    machine: int
    unsure: int
    reason: str


SOON = {
    "email": Soon(3, 30, "from acceptance by the receiving server, before the message is in any mailbox"),
    "sms": Soon(3, 5, "from the hand-over: the network takes a second, a tap another two; receipts come late"),
    "whatsapp": Soon(3, 5, "from the hand-over: previews are fetched on the way"),
}
BEFORE_MS = MINUTE_MS  # gateways click while they accept; a receipt stamped later than this is none of that

# Against the account's own human times: people's clicks come ever faster from nothing to their usual pace, so that of
# the first T seconds there are at most half of T times the pace of REFERENCE.
EDGES = (3, 5, 8, 10, 15, 20, 30, 45, 60, 120, 300, 900)  # seconds: what clicks are counted by
LATEST = 60  # seconds: no account's clicks are called a machine's for being later
REFERENCE = (60, 300)  # seconds: the pace of people, after machines that are quick
KNOWN = 100  # clicks after LATEST from which on an account's own times are known
LOST = 0.002  # of an account's human clicks, that may be taken for a machine's for being too soon
EXCESS = 10  # times as many clicks as people could have made are a machine's
DOUBT = 3  # times as many are unsure
FEWER = 3  # clicks more than were seen may have been due in REFERENCE (the upper limit of none seen)
FEW = 10  # clicks, of which nothing is concluded
COARSE = 0.9  # of the times on whole minutes: then a minute is the finest there is, and seconds tell nothing

# Many links: of a message so many different ones within so long, each told apart by its whole address.
LINKS, LINKS_MS = 3, 5 * SECOND_MS
LONGEST_SCAN_MS = 15 * MINUTE_MS  # what happens between the first and the last click of a scan belongs to it

# Whole domains: of the account's e-mails to it, at least so many, this share was clicked within one of WINDOWS.
WINDOWS = (20, 60, 900)  # seconds after arrival: gateways that click at once, and slow ones
NEARLY_ALL = 80  # per cent
DOMAIN_MESSAGES = 4
QUICK_WINDOW = 60  # up to which all clicks of it are the gateway's; in a longer one people click too: then its are
ONE_CLICK = 1.5  # a single click, and of two the first is unsure; of gateways that make more clicks of a message,
SLOW_LINKS_MS = 60 * SECOND_MS  # many links within so long, unless one is clicked again; all else of them is unsure
ALL_QUICK = 50  # clicks within the longest window, per 100 messages of a campaign: there people may be so (codes)
MOST_DOMAINS = 10_000  # of an account, named in a question
