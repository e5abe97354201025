"""What is known of a person, as bits of one small number.

The table of people is as long as the audience, so what is narrow is fast. A number has BITS of them; one fact more
than that is refused when this file is read, before the sum of some bits could be taken for another.
"""

from sqlalchemy import Integer, and_, case, cast

from reportlib.definitions import ACTED, CHANNELS, EVENT_KINDS, IMPLY_DELIVERY
from reportlib.metrics.people.machines.link_patterns import ASIDE
from reportlib.metrics.people.machines.rules import HUMAN, MACHINE, UNSURE
from reportlib.warehouse.engines import BITS

# a click that is not counted: by a machine, maybe by one, or by a person on a link that is no content
OTHER_CLICKS = {MACHINE: "clicked_machine", UNSURE: "clicked_unsure", ASIDE: "clicked_aside"}
# engaged: who did so has the message; assumed: nobody tells of deliveries here, and it did not fail
NAMES = (*ACTED, *OTHER_CLICKS.values(), "engaged", "confirmed", "assumed", "pending", "failed", *CHANNELS)
STATUSES = {"delivered": "confirmed", "sent": "pending", "failed": "failed"}  # the bit of a message's status


def numbered(names) -> dict[str, int]:
    """The number that stands for each of these names alone. Raises OverflowError for more than BITS of them."""
    if len(names) > BITS:
        raise OverflowError(
            f"{len(names)} facts of a person ({', '.join(names)}) do not fit into {BITS} bits: give "
            "`any_bits` of the engines more of them"
        )
    return {name: 1 << at for at, name in enumerate(names)}


FLAGS = numbered(NAMES)


def holds(flags, *names):
    """The condition that one of these FLAGS is set."""
    return flags.bitwise_and(sum(FLAGS[name] for name in names)) != 0


def packed(status, channel, counted, kind, verdicts, untold=None):
    """The FLAGS of a message and one event of it, as `of_event` and `of_message` have them; `untold` is the condition
    that nobody tells whether a message was delivered, None where that holds of none."""
    flags = of_event(counted, kind, verdicts) + of_message(status, channel)
    if untold is not None:
        flags += case((and_(untold, status.in_(("sent", "delivered"))), FLAGS["assumed"]), else_=0)
    return cast(flags, Integer)


def of_event(counted, kind, verdicts):
    """The FLAGS of an event, none where the condition `counted` does not hold; `verdicts` are a Judge's on it."""
    by_kind = [(kind == done, _judged(done, verdicts[done])) for done in EVENT_KINDS]
    return case((counted, case(*by_kind, else_=0)), else_=0)


def of_message(status, channel):
    """The FLAGS of a message without its events."""
    return case({word: FLAGS[name] for word, name in STATUSES.items()}, value=status, else_=0) + case(
        {name: FLAGS[name] for name in CHANNELS}, value=channel, else_=0
    )


def _judged(kind, verdicts):
    told = {word: _of_event(kind, word) for word in (HUMAN, *[word for _, word in verdicts])}
    if len({*told.values()}) == 1:
        return told[HUMAN]
    return case(*[(condition, told[word]) for condition, word in verdicts], else_=told[HUMAN])


def _of_event(kind, verdict):
    names = [name for name, one in ACTED.items() if one.event == kind and (verdict == HUMAN or not one.people_only)]
    names += [OTHER_CLICKS[verdict]] if kind == "clicked" and verdict != HUMAN else []
    return sum(FLAGS[name] for name in names) + (FLAGS["engaged"] if kind in IMPLY_DELIVERY else 0)
