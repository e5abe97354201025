"""How fast callbacks come into DuckDB and messages out: `make benchmark` measures and writes docs/import_benchmark.md.

WhatsApp webhooks, one status each, and SendGrid posts of a hundred events, beside the time that orjson takes to parse
the same files and do nothing with them. The goals are 100,000 callbacks a second, and 200,000 messages a second in the
detailed export, in memory that does not grow with the file.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import orjson
import psutil

from reportlib.warehouse.connection import connect
from reportlib.warehouse.contract.tables import metadata
from tests.benchmark import build as build_campaigns, memory
from tests.measured_tables import put, table

SIZES = (1_000_000, 4_000_000)  # callbacks, and messages
POSTED = 100  # SendGrid events in one post
EPOCH = 1_790_000_000
IMPORTS = ("callbacks of", "callbacks", "MB", "orjson alone, processor, s", "import, s", "processor, s")
IMPORTS += ("callbacks a second", "a processor's second", "peak memory, MB")
EXPORTS = ("file", "messages", "MB", "export, s", "messages a second", "peak memory, MB")

TABLES = """
INSERT INTO accounts VALUES ('a', 'Account', 'Europe/Berlin');
INSERT INTO campaigns SELECT 'c', 'a', 'Campaign', 'completed', 't', NULL, NULL, NULL, NULL,
    to_timestamp({epoch})::TIMESTAMP, NULL, {messages};
INSERT INTO contacts SELECT 'k' || i, 'a', NULL, NULL, NULL, NULL, NULL, NULL FROM range({messages}) t(i);
INSERT INTO messages (message_id, campaign_id, contact_id, channel, provider, provider_message_id, status, queued_at,
    sent_at, delivered_at, failed_at, failure_code, failure_reason, cost, currency)
SELECT 'm' || i, 'c', 'k' || i, '{channel}', '{provider}', printf('{prefix}%09d', i), 'queued',
    to_timestamp({epoch})::TIMESTAMP, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM range({messages}) t(i);
"""


def build(path: Path, provider: str, channel: str, prefix: str, messages: int):
    engine = connect(f"duckdb:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    with duckdb.connect(str(path)) as database:
        told = {"provider": provider, "channel": channel, "prefix": prefix, "messages": messages, "epoch": EPOCH}
        database.execute(TABLES.format(**told))


def whatsapp(callbacks: int):
    """Webhooks as Meta sends them: three statuses of each message, out of order, one in twenty of them twice."""
    said = ("delivered", "sent", "read")
    for number in range(callbacks):
        message = number % (callbacks // 3) if number % 20 else number * 7 % (callbacks // 3)
        status = {
            "id": f"wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI{message:09d}",
            "status": said[number * 3 // callbacks % 3],
            "timestamp": str(EPOCH + number // 50),
            "recipient_id": f"4915{message:09d}",
            "conversation": {"id": f"c{message}", "origin": {"type": "marketing"}},
            "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing"},
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
            "statuses": [status],
        }
        entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
        yield orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def sendgrid(callbacks: int):
    """Posts as SendGrid sends them."""
    said, post = ("processed", "delivered", "open", "click"), []
    for number in range(callbacks):
        message = number % (callbacks // 4)
        event = said[number * 4 // callbacks % 4]
        post.append(
            {
                "email": f"person{message}@example.com",
                "timestamp": EPOCH + number // 50,
                "smtp-id": f"<{message}.abc@ismtpd-555>",
                "event": event,
                "category": ["newsletter"],
                "sg_event_id": f"ZGVsaXZlcmVkLTAtMTU{number:012d}",
                "sg_message_id": f"14c5d75ce93.dfd.64b4{message:09d}".replace(".", "-")
                + ".filter0001.16648.5515E0B88.0",
                **({"useragent": "Mozilla/5.0", "ip": "255.255.255.255"} if event in ("open", "click") else {}),
                **({"sg_machine_open": number % 3 == 0} if event == "open" else {}),
                **({"url": "https://shop.example/spring"} if event == "click" else {}),
            }
        )
        if len(post) == POSTED:
            yield orjson.dumps(post)
            post = []


FEEDS = {
    "whatsapp": (whatsapp, "whatsapp", "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI", 3),
    "sendgrid": (sendgrid, "email", "14c5d75ce93-dfd-64b4", 4),
}


def measure(provider: str, size: int, folder: Path) -> tuple[float, float, float, float, float]:
    """Megabytes read, seconds of orjson alone, of `reportlib import`, of the processor, and its peak memory in MB."""
    payloads, channel, prefix, of_each = FEEDS[provider]
    feed, database = folder / f"{provider}.jsonl", folder / f"{provider}.duckdb"
    with feed.open("wb") as lines:
        lines.writelines(payload + b"\n" for payload in payloads(size))
    build(database, provider, channel, prefix, size // of_each)
    began = time.process_time()
    with feed.open("rb") as lines:
        for line in lines:
            orjson.loads(line)
    parsed = time.process_time() - began
    seconds, of_processor, peak, told = run(
        "import", provider, feed, "--to", f"duckdb:///{database}", database=database
    )
    megabytes = feed.stat().st_size / 1e6
    assert ["rejected", "0"] in [line.split() for line in told.splitlines()], told
    feed.unlink()
    database.unlink()
    return megabytes, parsed, seconds, of_processor, peak


def run(*arguments, database: Path) -> tuple[float, float, float, str]:
    """Seconds of a command of `reportlib`, of the processor, its peak memory in MB, and what it printed."""
    command = [Path(sys.executable).with_name("reportlib"), *map(str, arguments)]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{database}"}
    began, spent, peak = time.monotonic(), _spent(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        while child.poll() is None:
            peak = max(peak, memory(psutil.Process(child.pid)))
            time.sleep(0.05)
        told = child.stdout.read()
    assert child.returncode == 0
    return time.monotonic() - began, _spent() - spent, peak / 1e6, told


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def imports(sizes) -> str:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for provider in FEEDS:
            for size in sizes:
                megabytes, parsed, seconds, of_processor, peak = measure(provider, size, Path(folder))
                each = (f"{size / seconds:,.0f}", f"{size / of_processor:,.0f}", f"{peak:,.0f}")
                told = (f"{megabytes:,.0f}", f"{parsed:.1f}", f"{seconds:.1f}", f"{of_processor:.1f}", *each)
                rows.append((provider, f"{size:,}", *told))
                print(*rows[-1], flush=True)
    return table(IMPORTS, rows)


def exports(sizes) -> str:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            database = Path(folder) / "messages.duckdb"
            build_campaigns(database, size, size)
            for suffix in (".csv", ".csv.gz", ".parquet"):
                file = Path(folder) / f"detailed{suffix}"
                seconds, _, peak, _ = run("export", "detailed", "--campaign", "c0", "--to", file, database=database)
                megabytes = f"{file.stat().st_size / 1e6:,.0f}"
                told = (f"{seconds:.1f}", f"{size / seconds:,.0f}", f"{peak:,.0f}")
                rows.append((suffix, f"{size:,}", megabytes, *told))
                print(*rows[-1], flush=True)
                file.unlink()
            database.unlink()
    return table(EXPORTS, rows)


def main(parts, sizes):
    for part in parts:
        made = {"imports": imports, "exports": exports}[part](sizes)
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[2]:.0f}"
        put("import_benchmark.md", f"{date.today()}, {machine}:\n\n{made}", f"{part} made by make benchmark")


if __name__ == "__main__":
    words = [one for one in sys.argv[1:] if not one.isdecimal()]
    numbers = tuple(int(one) for one in sys.argv[1:] if one.isdecimal())
    main(words or ("imports", "exports"), numbers or SIZES)
