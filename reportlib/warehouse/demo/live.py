"""The demo's campaign that is sending, begun anew now: its providers' callbacks are imported as they come."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from reportlib.errors import ReportError, WarehouseError
from reportlib.scratch import scratch_folder
from reportlib.suite import OUTPUT, suite
from reportlib.warehouse.callbacks.importing import follow_callbacks
from reportlib.warehouse.connection import connect, explain, url_of
from reportlib.warehouse.contract.tables import campaigns, contacts, events, messages
from reportlib.warehouse.demo.build import make_demo
from reportlib.warehouse.demo.campaigns import BR
from reportlib.warehouse.demo.live_script import BURST, SENDING_S, SETTLED_S, STALL, channel_of, payload, script
from reportlib.warehouse.engines import append, as_stored, shuts_readers_out

LIVE_DATABASE = "live.db"
CAMPAIGN = "black-friday-preview"
EARLIER_MESSAGES = 40_000  # of the demo's other campaigns, by which failures are measured
PROVIDERS = {"whatsapp": "whatsapp", "sms": "twilio"}
PAUSE_S = 0.2
GRACE_S = 3.0  # for the importers, with the last callbacks
MOMENTS = (
    (0.0, None, "Sending begins."),
    (BURST[0], None, "The account's payment fails, and with it half of the WhatsApp messages."),
    (BURST[1], None, "The payment works again."),
    (STALL[0], None, "The providers say nothing of deliveries any more."),
    (STALL[1], None, "The providers catch up."),
    (SENDING_S, "sent", "All is handed over; the last outcomes come in."),
    (SETTLED_S, None, "Every message has its outcome, or will have none."),
)
_PATIENCE_S = 20  # with an importer that is to end


def live_address() -> str:
    """Where the live demo is without `--to`."""
    return f"sqlite:///{suite() / OUTPUT / LIVE_DATABASE}"


def make_live_demo(url: str, people: int) -> datetime:
    """Make the demo at `url` with CAMPAIGN as if it began now, nothing of it handed over yet; the moment it began.

    Raises WarehouseError as `make_demo`, and for DuckDB, whose file one program alone can use while it is written.
    """
    if shuts_readers_out(url_of(url)):
        raise WarehouseError(
            "a DuckDB file cannot be read while another program writes it: run the live demo in SQLite or PostgreSQL"
        )
    make_demo(url, EARLIER_MESSAGES)
    engine = connect(url)
    began = datetime.now(UTC)
    stored = as_stored(engine, began)
    ours = campaigns.c.campaign_id == CAMPAIGN
    try:
        with engine.begin() as connection:
            for table in (events, messages):
                connection.execute(delete(table).where(table.c.campaign_id == CAMPAIGN))
            wanted = select(contacts.c.contact_id).where(contacts.c.account_id == BR).order_by(contacts.c.contact_id)
            chosen = connection.scalars(wanted.limit(people)).all()
            new = {"status": "sending", "scheduled_at": stored, "started_at": stored, "audience_size": len(chosen)}
            connection.execute(update(campaigns).where(ours).values(**new))
            append(connection, messages, [_queued(number, who, stored) for number, who in enumerate(chosen)])
    except DBAPIError as error:
        raise explain(error, engine.url) from None
    finally:
        engine.dispose()
    return began


def _queued(number, contact, at) -> tuple:
    channel = channel_of(number)
    known = {
        "message_id": _message_id(number),
        "campaign_id": CAMPAIGN,
        "contact_id": contact,
        "channel": channel,
        "provider": PROVIDERS[channel],
        "provider_message_id": _message_id(number),
        "status": "queued",
        "queued_at": at,
    }
    return tuple(known.get(column.name) for column in messages.columns)


def _message_id(number) -> str:
    return f"live-{number:06}"


def run_live_demo(url: str, people: int, speed: float = 1.0, tell: Callable[[str], None] = lambda _: None):
    """Feed the campaign that `make_live_demo` began, `speed` times as fast, until it completes.

    Each provider's callbacks are appended to a file that an importer of its own follows, as `reportlib import --follow`
    does. `tell` hears what happens. Raises WarehouseError where an importer ends.
    """
    with scratch_folder("live") as folder, ExitStack() as closing:
        files, importers = {}, []
        for channel, provider in PROVIDERS.items():
            path = folder / f"{provider}.jsonl"
            files[channel] = closing.enter_context(path.open("w", encoding="utf-8"))
            importers.append(_importer(provider, path, url))
            closing.callback(_end, importers[-1])
        began_s, left, moments = time.monotonic(), script(people)[::-1], list(MOMENTS)[::-1]
        while left or moments:
            now_s = speed * (time.monotonic() - began_s)
            while left and left[-1].at_s <= now_s:
                told = left.pop()
                at = datetime.now(UTC) - timedelta(seconds=(now_s - told.at_s) / speed)
                files[channel_of(told.number)].write(f"{payload(told, _message_id(told.number), at)}\n")
            while moments and moments[-1][0] <= now_s:
                _, status, words = moments.pop()
                tell(words)
                if status:
                    _mark(url, status)
            for file in files.values():
                file.flush()
            _require(importers)
            time.sleep(PAUSE_S)
        time.sleep(GRACE_S)
    _mark(url, "completed")
    tell("The campaign has completed.")


def _importer(provider, path, url):
    """A process of its own that follows the file; it ends by SIGTERM, after it has written what it read."""
    process = multiprocessing.get_context("spawn").Process(target=_follow, args=(provider, str(path), url))
    process.start()
    return process


def _follow(provider, path, url):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started this, which then ends it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        follow_callbacks(provider, path, url)
    except KeyboardInterrupt:
        pass  # it had not begun
    except ReportError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _require(importers):
    if not all(process.is_alive() for process in importers):
        raise WarehouseError("an import of callbacks has ended, so that the live demo cannot go on; run it again")


def _end(process):
    process.terminate()
    process.join(_PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()


def _mark(url, status):
    """What the platform itself knows: how far its sending is."""
    engine = connect(url)
    at = as_stored(engine, datetime.now(UTC))
    values = {"status": status, **({"completed_at": at} if status == "completed" else {})}
    try:
        with engine.begin() as connection:
            connection.execute(update(campaigns).where(campaigns.c.campaign_id == CAMPAIGN).values(**values))
    except DBAPIError as error:
        raise explain(error, engine.url) from None
    finally:
        engine.dispose()
