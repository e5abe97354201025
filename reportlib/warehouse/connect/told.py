"""What a call tells: while it goes on, and of what it did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """What a call did: the rows that came and those there are, by table; what had no place, what else is to be known.

    `timezone` is empty where none is known, so that reports speak UTC.
    """

    title: str
    source: str
    address: str
    is_whole: bool
    came: dict[str, int]
    there: dict[str, int]
    no_place: dict[str, int]
    notes: dict[str, int]
    not_told: tuple[str, ...]
    timezone: str
    seconds: float


class Silent:
    """Who is told how it goes on; this one tells nobody."""

    def begins(self, table: str, number: int, tables: int):
        """This table is read next."""

    def rows(self, count: int):
        """So many of its rows were read."""

    def ends(self):
        """Nothing more is read; it is written now."""
