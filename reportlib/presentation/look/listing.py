"""How a report is listed beside others, as data: an index shows the same that its own page says."""

from dataclasses import asdict, dataclass

from reportlib.presentation.look.finding import Verdict


@dataclass(frozen=True)
class Cell:
    """One cell of a report's row, in plain text: its column's head, what it says, and small below that a few words or a
    verdict."""

    head: str
    text: str
    beside: str = ""
    verdict: Verdict | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Listing:
    """The row of a report in an index, whose first cell leads to it; `caption` is that of the table with all such
    reports. Tables with a low `place` come first."""

    caption: str
    cells: list[Cell]
    place: int = 9


def listed(caption: str, place: int, *cells: Cell) -> dict:
    """A listing as JSON has it."""
    return asdict(Listing(caption, list(cells), place))


def isolated(name) -> str:
    """A name from the database beside other words: right-to-left marks in it stay within it."""
    return f"\u2068{name}\u2069"
