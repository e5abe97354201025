"""Databases to import callbacks into, what is in them afterwards, and the smallest payloads that say something."""

import json
import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import create_engine, inspect

from reportlib.warehouse.callbacks import ledger
from reportlib.warehouse.callbacks.importing import import_callbacks
from tests.small_database import START, SmallDatabase, fill

STATE = ("status", "sent_at", "delivered_at", "failed_at", "failure_code")
SENT_AT = START + timedelta(hours=1)
EPOCH = int(SENT_AT.timestamp())
_STORED_AS_TEXT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")  # a time in SQLite


def database_with(url, *messages, attributes=(), countries=()):
    """A database of one campaign and these messages, each given by its columns; the address."""
    database = SmallDatabase()
    database.account("acme")
    database.campaign("spring", audience=len(messages))
    for number, columns in enumerate(messages, start=1):
        contact = columns.get("contact_id", f"c{number}")
        database.contact(contact, attributes=dict(attributes).get(contact), country=dict(countries).get(contact))
        usual = {"provider": "whatsapp", "provider_message_id": f"w{number}", "channel": "whatsapp", "status": "queued"}
        database.message("spring", **{"contact_id": contact, **usual, **columns})
    engine = create_engine(url)
    ledger.metadata.drop_all(engine)
    fill(engine, database)
    engine.dispose()
    return url


def contents(url) -> dict[str, list[tuple]]:
    """The rows of every table, in an order of their own."""
    engine = create_engine(url)
    found = {}
    with engine.connect() as connection:
        for (_, name), columns in sorted(inspect(connection).get_multi_columns().items()):
            names = ", ".join(column["name"] for column in columns)
            rows = connection.exec_driver_sql(f"SELECT {names} FROM {name}").fetchall()
            found[name] = sorted((tuple(map(_comparable, row)) for row in rows), key=repr)
    engine.dispose()
    return found


def rows(url, table, *names) -> list[tuple]:
    """These columns of a table's rows, sorted."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table}").fetchall()
    engine.dispose()
    return sorted((tuple(map(_comparable, row)) for row in found), key=repr)


def state(url, message="m1"):
    """What a message's row tells of how it went."""
    [found] = [row[1:] for row in rows(url, "messages", "message_id", *STATE) if row[0] == message]
    return found


def import_lines(url, provider, payloads, folder):
    """Import payloads, one per line, from a file in the folder; the summary."""
    path = folder / "callbacks.jsonl"
    path.write_bytes(b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in payloads))
    return import_callbacks(provider, [str(path)], url)


def status(message, said, minutes=0, **columns):
    """A WhatsApp status, without its envelope."""
    at = str(EPOCH + round(60 * minutes))
    return {"statuses": [{"id": message, "status": said, "timestamp": at, "recipient_id": "551199", **columns}]}


def failed(message, code, minutes=0):
    return status(message, "failed", minutes, errors=[{"code": code, "title": f"Error {code}"}])


def reply(sender, minutes, context=None, identity="r1"):
    """A WhatsApp message from somebody, to a message of ours if it says so."""
    at = status("x", "sent", minutes)["statuses"][0]["timestamp"]
    message = {"from": sender, "id": identity, "timestamp": at, "type": "text", "text": {"body": "Sim!"}}
    return {"messages": [{**message, **({"context": {"id": context}} if context else {})}]}


def after(minutes) -> datetime:
    """The moment of a status at these minutes, as `rows` shows it."""
    return (SENT_AT + timedelta(minutes=minutes)).replace(tzinfo=None)


def _comparable(value):
    if isinstance(value, str) and _STORED_AS_TEXT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
