"""What a platform's module declares: which rows are read, and how they become the contract's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from reportlib.definitions import EVENT_KINDS

TYPES = {"": "VARCHAR", "int": "BIGINT", "number": "DOUBLE", "time": "TIMESTAMP", "bool": "BOOLEAN"}
EVERYONE = "everyone"
MEASURED = ("delivered", *EVENT_KINDS)
# What a platform may be able to tell of a message, in the order of the table in the docs.
TELLS = (
    "delivered", "opened", "clicked", "links", "replied", "unsubscribed", "complained", "machines", "cost",
    "conversions",
)  # fmt: skip


@dataclass(frozen=True)
class Extract:
    """The rows of one of the platform's tables, as they are kept beside the contract's.

    Attributes
    ----------
    columns : what is read, "id:int email sent_at:time": a name and one of TYPES each; a "?" behind a name where some
        versions have no such column, which is then empty
    key : the columns that name a row
    person : the SQL of the contract's contact_id of whom a row is about, over the columns kept, or None
    changed : the times among the columns that move when a row changes; without them all rows are read at every call
    compared_by : a column instead of `changed`, where no time moves with every change: the rows of each of its values
        are counted and hashed at every call, and read again where that is not as it was
    overlap : how far behind the latest time the next call begins: for rows committed late, or changed without a time
    kept : what is kept instead of a column as it was read, by name: SQL over the columns read
    reaches : where a row about nobody changes: the SQL of the persons whose messages it changes, from the table
        `changed_rows`, or EVERYONE
    only : where not all rows are read, the values of a column whose rows are
    optional : whether the platform may do without the table, of a part that is not installed
    """

    table: str
    columns: str
    key: str
    person: str | None = None
    changed: str = ""
    overlap: timedelta = timedelta(hours=1)
    kept: Mapping[str, str] = field(default_factory=dict)
    reaches: str | None = None
    only: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    optional: bool = False
    name: str = ""
    compared_by: str = field(default="", repr=False)  # by what else is said a call knows whether its file is of another

    def __post_init__(self):
        object.__setattr__(self, "name", self.name or self.table)

    @property
    def types(self) -> dict[str, str]:
        """The DuckDB type of each column."""
        pairs = (word.partition(":")[::2] for word in self.columns.split())
        return {name.removesuffix("?"): TYPES[kind] for name, kind in pairs}

    @property
    def required(self) -> set[str]:
        """The columns without which it cannot be read."""
        names = (word.partition(":")[0] for word in self.columns.split())
        return {name for name in names if not name.endswith("?")}


@dataclass(frozen=True)
class Platform:
    """A platform: what is read of it, and the SQL by which that becomes the contract's tables.

    The SQL is DuckDB's, whatever engine the platform is on: it is asked of the copy, in which each extract is
    `source.NAME`. A contract's row of a person comes from rows about that person and from rows about nobody.
    `:timezone` stands for the account's; the campaigns' SQL may ask the contract's `messages` and `events`.

    Attributes
    ----------
    tells : what can be told at all, by channel
    tells_if : of what can be told in some installations only ("email.opened"), the SQL of whether it is in this one
    timezone : SQL of the account's time zone, where the platform knows it
    schemas : whether its tables may be in any schema, as a connector puts them
    no_place : what the contract has no place for: a sentence, and the SQL that counts it
    notes : what is to be known whenever there are such rows: a sentence, and the SQL that counts them
    unnamed : SQL of messages to people whom the platform has deleted, over all that is there; their contact_id begins
        with "deleted/"
    not_told : what is not measured and why, for people to read
    """

    name: str
    title: str
    versions: str
    extracts: tuple[Extract, ...]
    tables: Mapping[str, str]
    tells: Mapping[str, tuple[str, ...]]
    tells_if: Mapping[str, str] = field(default_factory=dict)
    no_place: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    unnamed: str | None = None
    not_told: tuple[str, ...] = ()
    timezone: str | None = None
    schemas: bool = False

    @property
    def measured(self) -> str:
        """The SQL of the contract's `measured`."""
        told = [
            f"('{channel}', '{what}', {self.tells_if.get(f'{channel}.{what}', what in tells)})"
            for channel, tells in self.tells.items()
            for what in MEASURED
        ]
        rows = f"(VALUES {', '.join(told)}) told (channel, what, is_measured)"
        return f"SELECT account_id, channel, what, is_measured FROM accounts, {rows}"
