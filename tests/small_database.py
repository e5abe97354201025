"""Small campaign databases for tests, written so that they read like a table.

    small_database(campaign("a", audience=10).sent(9).delivered(8, opened=4, clicked=1).failed(1, code="30005"))

tells the usual case by its counts. Unusual rows are added one by one: `database.message("a", "ann", status="sent")`,
`database.event(message, "opened", after=5 * MINUTE)`. `fill(engine, database)` writes one, whatever was there before.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import BigInteger, MetaData, create_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateTable

from reportlib.warehouse.contract.tables import TABLES, Identifier, with_id_types
from reportlib.warehouse.warehouse import Warehouse

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


MINUTE = timedelta(minutes=1)
IDS = {column.name for table in TABLES.values() for column in table.columns if isinstance(column.type, Identifier)}


@dataclass(repr=False)
class SmallDatabase:
    """The rows of the contract's tables, as dicts; `opened_at` is the moment at which it is read."""

    opened_at: datetime = NOW
    accounts: list[dict] = field(default_factory=list)
    segments: list[dict] = field(default_factory=list)
    campaigns: list[dict] = field(default_factory=list)
    contacts: list[dict] = field(default_factory=list)
    contact_attributes: list[dict] = field(default_factory=list)
    segment_members: list[dict] = field(default_factory=list)
    messages: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    campaign_attributes: list[dict] = field(default_factory=list)
    assignments: list[dict] = field(default_factory=list)
    outcomes: list[dict] = field(default_factory=list)
    measured: list[dict] = field(default_factory=list)
    campaign_totals: list[dict] = field(default_factory=list)
    _named: set = field(default_factory=set, init=False)  # the contacts; to look through all for each takes long

    def declare(self, channel, what, is_measured, account="acme", campaign=None):
        """What a source can tell, or cannot."""
        row = {"account_id": account, "campaign_id": campaign, "channel": channel, "what": what}
        self.measured.append(row | {"is_measured": is_measured})

    def totals(self, campaign_id, channel="email", as_of=None, **counts):
        """What is known of a campaign as totals: totals("a", sent=100, opened=(20, 31)), people and, beside, events."""
        for what, count in counts.items():
            people, total = count if isinstance(count, tuple) else (count, None)
            row = {"campaign_id": campaign_id, "channel": channel, "what": what, "people": people, "total": total}
            self.campaign_totals.append(row | {"as_of": as_of})

    def account(self, account_id, timezone="UTC"):
        self.accounts.append({"account_id": account_id, "name": f"Account {account_id}", "timezone": timezone})

    def campaign(self, campaign_id, account="acme", status="completed", audience=None, start=START, **columns):
        row = {"campaign_id": campaign_id, "account_id": account, "name": f"Campaign {campaign_id}", "status": status}
        self.campaigns.append({**row, "started_at": start, "audience_size": audience, **columns})

    def contact(self, contact_id, account="acme", attributes=None, segments=(), **columns):
        """A contact; naming one that is there already changes nothing."""
        if len(self._named) != len(self.contacts):
            self._named = {row["contact_id"] for row in self.contacts}
        if contact_id in self._named:
            return
        self._named.add(contact_id)
        self.contacts.append({"contact_id": contact_id, "account_id": account, **columns})
        for name, value in (attributes or {}).items():
            self.contact_attributes.append({"contact_id": contact_id, "attribute": name, "value": value})
        for segment_id in segments:
            self.segment_members.append({"segment_id": segment_id, "contact_id": contact_id})

    def segment(self, segment_id, account="acme", name=None):
        self.segments.append({"segment_id": segment_id, "account_id": account, "name": name or f"Segment {segment_id}"})

    def attribute(self, campaign_id, **values):
        """What was said or done in a campaign: attribute("a", subject="Hello")."""
        rows = [{"campaign_id": campaign_id, "attribute": name, "value": value} for name, value in values.items()]
        self.campaign_attributes += rows

    def assigned(self, experiment_id, variant, campaign_id, contact_ids, at=START):
        """People given to an arm of an experiment; campaign None: held out."""
        row = {"experiment_id": experiment_id, "variant": variant, "campaign_id": campaign_id, "assigned_at": at}
        self.assignments += [{**row, "contact_id": contact_id} for contact_id in contact_ids]

    def outcome(self, contact_id, kind="order", value=None, currency="EUR", at=START + MINUTE, **columns):
        """What a person did: outcome("ann", value=20.0)."""
        row = {"outcome_id": f"o{len(self.outcomes) + 1}", "contact_id": contact_id, "kind": kind, "occurred_at": at}
        row |= {"value": value, "currency": None if value is None else currency}
        self.outcomes.append(row | {"campaign_id": None, "message_id": None, **columns})

    def message(self, campaign_id, contact_id, status="delivered", channel="email", at=START, **columns) -> dict:
        """A message with the times that its status usually comes with; `columns` say otherwise."""
        usual = {
            "queued": {"queued_at": at},
            "sent": {"queued_at": at, "sent_at": at},
            "delivered": {"queued_at": at, "sent_at": at, "delivered_at": at + MINUTE},
            "failed": {"queued_at": at, "sent_at": at, "failed_at": at + 2 * MINUTE},
        }
        row = {"message_id": f"m{len(self.messages) + 1}", "campaign_id": campaign_id, "contact_id": contact_id}
        row |= {"channel": channel, "status": status, **usual.get(status, {"queued_at": at, "sent_at": at}), **columns}
        self.messages.append(row)
        return row

    def event(self, message, kind="opened", after=10 * MINUTE, machine=False, **columns) -> dict:
        row = {"event_id": f"e{len(self.events) + 1}", "message_id": message["message_id"]}
        row |= {"campaign_id": message["campaign_id"], "kind": kind, "is_machine": machine}
        row |= {"occurred_at": (message.get("sent_at") or message.get("queued_at") or START) + after, **columns}
        self.events.append(row)
        return row

    def __repr__(self):
        """One line per row, without what is missing: as a failing test prints it."""
        lines = [f"SmallDatabase at {self.opened_at:%Y-%m-%d %H:%M:%S}"]
        for table, rows in self.rows().items():
            lines += [f"{table}: " + " ".join(f"{k}={v!s}" for k, v in row.items() if v is not None) for row in rows]
        return "\n    ".join(lines)

    def _repr_pretty_(self, printer, _cycle):
        printer.text(repr(self))  # hypothesis would print every field of a dataclass

    def rows(self) -> dict[str, list[dict]]:
        return {name: getattr(self, name) for name in TABLES}


@dataclass
class CampaignByCounts:
    """One campaign told by its counts: each step takes the next people who are still waiting for their outcome."""

    campaign_id: object
    columns: dict
    queued_people: int = 0
    waiting: list[dict] = field(default_factory=list)
    settled: list[dict] = field(default_factory=list)

    def queued(self, count):
        self.queued_people += count
        return self

    def sent(self, count, channel="email", country=None, **message):
        """Handed over; the steps that follow, up to the next `sent`, say what became of them: the rest is pending."""
        self.settled += self.waiting
        self.waiting = [{"status": "sent", "channel": channel, "country": country, **message} for _ in range(count)]
        return self

    def delivered(self, count, opened=0, clicked=0, replied=0, **message):
        """The first `opened` of them opened, the first `clicked` clicked, the first `replied` replied."""
        did = {"opened": opened, "clicked": clicked, "replied": replied}
        for number, person in enumerate(self._next(count)):
            kinds = [kind for kind, people in did.items() if number < people]
            self.settled.append({**person, "status": "delivered", "kinds": kinds, **message})
        return self

    def failed(self, count, code=None, reason=None, **message):
        for person in self._next(count):
            self.settled.append(
                {**person, "status": "failed", "failure_code": code, "failure_reason": reason, **message}
            )
        return self

    def _next(self, count):
        assert count <= len(self.waiting), f"{count} settled, but only {len(self.waiting)} are waiting"
        chosen, self.waiting = self.waiting[:count], self.waiting[count:]
        return chosen

    def add_to(self, database: SmallDatabase):
        database.campaign(self.campaign_id, **self.columns)
        account = self.columns.get("account", "acme")
        people = self.settled + self.waiting + [{"status": "queued"}] * self.queued_people
        for number, person in enumerate(people):
            contact_id = f"{self.campaign_id}/{number}"
            columns = {name: value for name, value in person.items() if name not in ("country", "kinds")}
            database.contact(contact_id, account, country=person.get("country"))
            message = database.message(self.campaign_id, contact_id, at=START + number * MINUTE, **columns)
            for kind in person.get("kinds", ()):
                database.event(message, kind)


def campaign(campaign_id="a", audience=None, **columns) -> CampaignByCounts:
    return CampaignByCounts(campaign_id, {"audience": audience, **columns})


def small_database(*campaigns: CampaignByCounts, timezone="UTC") -> SmallDatabase:
    """A database of one account, "acme", with these campaigns."""
    database = SmallDatabase()
    database.account("acme", timezone)
    for each in campaigns:
        each.add_to(database)
    return database


def in_memory_engine():
    """A DuckDB of its own, in memory, that can be written and read."""
    return create_engine("duckdb:///:memory:", poolclass=StaticPool, connect_args={"config": {"threads": 1}})


def fill(engine, database: SmallDatabase) -> Warehouse:
    """Write the database, in the stead of what the engine held, and open it at its moment."""
    rows = database.rows()
    whole = _whole_ids(rows)
    with engine.begin() as connection:
        for statement in _made_anew(whole, type(engine.dialect)):
            connection.exec_driver_sql(statement)
        for table in _typed_metadata(whole).sorted_tables:
            if rows[table.name]:
                empty = dict.fromkeys(name for row in rows[table.name] for name in row)
                utc = [{**empty, **_stored(row, engine.dialect.name)} for row in rows[table.name]]
                connection.execute(table.insert(), utc)
    warehouse = Warehouse(engine)
    warehouse.opened_ms = int(database.opened_at.timestamp() * 1000)
    return warehouse


def followed(engine, database: SmallDatabase, days=14) -> Warehouse:
    """`fill`, with something that happened so long after START: so everybody has had their message for long."""
    later = START + timedelta(days=days)
    database.campaign("later", status="draft", start=None)
    database.contact("later")
    database.message("later", "later", status="sent", at=later)
    return fill(engine, database)


def _stored(row, engine_name):
    """DuckDB stores naive UTC, PostgreSQL moments."""
    if engine_name == "postgresql":
        return row
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _whole_ids(rows) -> frozenset[str]:
    """The columns of ids that are whole numbers in these rows; the others are texts."""
    return frozenset(
        name for table in rows.values() for row in table for name in IDS & row.keys() if isinstance(row[name], int)
    )


@cache
def _typed_metadata(whole: frozenset[str]) -> MetaData:
    """The contract's tables with ids of these types: the same ones each time, whose statements SQLAlchemy remembers."""
    return with_id_types(dict.fromkeys(whole, BigInteger()))


@cache
def _made_anew(whole: frozenset[str], dialect: type[Dialect]) -> list[str]:
    """What makes the tables anew; to compile it takes longer than to run it."""
    tables = _typed_metadata(whole).sorted_tables
    dropped = [f"DROP TABLE IF EXISTS {table.name}" for table in reversed(tables)]
    return [*dropped, *(str(CreateTable(table).compile(dialect=dialect())) for table in tables)]
