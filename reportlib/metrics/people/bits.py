"""What is known of a person, as bits of one small number.

The table of people is as long as the audience, so what is narrow is fast. A SMALLINT has 15 bits; one fact more than
that is refused when this file is read, before the sum of some bits could be taken for another.
"""

from sqlalchemy import SmallInteger, and_, case, cast

from reportlib.definitions import ACTED, CHANNELS, EVENT_KINDS, IMPLY_DELIVERY
from reportlib.warehouse.engines import BITS

# engaged: who did so has the message; assumed: nobody tells of deliveries here, and it did not fail
NAMES = (*ACTED, "engaged", "confirmed", "assumed", "pending", "failed", *CHANNELS)
STATUSES = {"delivered": "confirmed", "sent": "pending", "failed": "failed"}  # the bit of a message's status


def numbered(names) -> dict[str, int]:
    """The number that stands for each of these names alone. Raises OverflowError for more than BITS of them."""
    if len(names) > BITS:
        raise OverflowError(
            f"{len(names)} facts of a person ({', '.join(names)}) do not fit into the {BITS} bits of a SMALLINT: give "
            "`metrics.people.bits` a wider number, and `any_bits` of the engines with it"
        )
    return {name: 1 << at for at, name in enumerate(names)}


FLAGS = numbered(NAMES)


def holds(flags, *names):
    """The condition that one of these FLAGS is set."""
    return flags.bitwise_and(sum(FLAGS[name] for name in names)) != 0


def packed(status, channel, counted, kind, human, untold=None):
    """The FLAGS of a message and one event of it, which is none where the condition `counted` does not hold.

    `untold` is the condition that nobody tells whether a message was delivered, None where that holds of none.
    """
    by_kind = [
        (kind == done, case((human, _of_event(done, False)), else_=_of_event(done, True))) for done in EVENT_KINDS
    ]
    flags = (
        case((counted, case(*by_kind, else_=0)), else_=0)
        + case({word: FLAGS[name] for word, name in STATUSES.items()}, value=status, else_=0)
        + case({name: FLAGS[name] for name in CHANNELS}, value=channel, else_=0)
    )
    if untold is not None:
        flags += case((and_(untold, status.in_(("sent", "delivered"))), FLAGS["assumed"]), else_=0)
    return cast(flags, SmallInteger)


def _of_event(kind, by_machine):
    told = [FLAGS[name] for name, one in ACTED.items() if one.event == kind and not (one.people_only and by_machine)]
    return sum(told) + (FLAGS["engaged"] if kind in IMPLY_DELIVERY else 0)
