"""Tables of totals that are known by their header: a row for each campaign, or for each of its totals."""

from dataclasses import dataclass

from reportlib.warehouse.contract.tables import TOTALLED

WHAT: tuple[str, ...] = tuple(map(str, TOTALLED))
KINDS = WHAT[WHAT.index("opened") :]


@dataclass(frozen=True)
class Shape:
    """A header: all of `header` is there, one of `any_of`, and none of `none_of`; `seen`, or from memory.

    `campaign`, `name`, `channel`, `started_at` and `as_of` are columns, `fixed_channel` a channel. `people` and `times`
    have the columns of each total, several of which are added up; where `what` is a column, each row is one total.
    """

    title: str
    header: tuple[str, ...]
    seen: bool
    campaign: tuple[str, ...]
    people: dict[str, tuple[str, ...]]
    times: dict[str, tuple[str, ...]]
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    name: str | None = None
    channel: str = "channel"
    fixed_channel: str | None = None
    started_at: str = "started_at"
    as_of: str = "as_of"
    what: str | None = None

    def fits(self, names) -> bool:
        """Whether a table with these columns is one."""
        there = set(names)
        some = not self.any_of or there & set(self.any_of)
        return bool(there.issuperset(self.header) and some and not there & set(self.none_of))


_PEOPLE, _MESSAGES = ("people",), ("contact_id", "message_id", "status")
SHAPES = (
    Shape(
        "our own table `campaign_totals`",
        ("campaign_id", "channel", "what", "people"),
        True,
        ("campaign_id",),
        {what: _PEOPLE for what in WHAT},
        {what: ("total",) for what in WHAT},
        name="campaign",
        what="what",
    ),
    Shape(
        "totals, a row for each campaign",
        ("channel",),
        True,
        ("campaign_id", "campaign"),
        {what: (what,) for what in WHAT},
        {kind: (f"{kind}_total",) for kind in KINDS},
        any_of=WHAT,
        none_of=_MESSAGES,
        name="campaign",
    ),
    Shape(
        "Mailchimp: campaigns",
        ("Title", "Send Date", "Successful Deliveries", "Unique Opens"),
        False,
        ("Title",),
        {
            "sent": ("Total Recipients",),
            "delivered": ("Successful Deliveries",),
            "failed": ("Soft Bounces", "Hard Bounces"),
            "opened": ("Unique Opens",),
            "clicked": ("Unique Clicks",),
            "unsubscribed": ("Unsubscribes",),
            "complained": ("Abuse Complaints",),
        },
        {"opened": ("Total Opens",), "clicked": ("Total Clicks",)},
        name="Title",
        fixed_channel="email",
        started_at="Send Date",
    ),
)


def listing() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of the list of these files: title, the columns it is known by, whether they were seen."""
    rows: list[tuple[str, ...]] = []
    for one in SHAPES:
        columns = " ".join(f"`{name}`" for name in one.header)
        some = f", and one of {' '.join(f'`{name}`' for name in one.any_of)}" if one.any_of else ""
        rows.append((one.title, f"{columns}{some}", "seen" if one.seen else "from memory"))
    return ("totals", "known by the columns", "header"), rows


def shape_of(names) -> Shape | None:
    """The table of totals that has these columns; None where none has."""
    return next((shape for shape in SHAPES if shape.fits(names) and set(shape.campaign) & set(names)), None)
