"""How fast callbacks come into DuckDB and messages out: `make benchmark` measures and writes docs/import_benchmark.md.

WhatsApp webhooks, one status each, and SendGrid posts of a hundred events, beside the time that orjson takes to parse
the same files and do nothing with them. The goals are 100,000 callbacks a second, and 200,000 messages a second in the
detailed export, in memory that does not grow with the file.
"""

import os
import platform
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
from tests import PROJECT
from tests.benchmark import build as build_campaigns, memory

SIZES = (1_000_000, 4_000_000)  # callbacks, and messages
POSTED = 100  # SendGrid events in one post
EPOCH = 1_790_000_000
PAGE = PROJECT / "docs" / "import_benchmark.md"

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


def measure(provider: str, size: int, folder: Path) -> tuple[float, float, float, float]:
    """Megabytes read, seconds of orjson alone, seconds of `reportlib import`, its peak memory in MB."""
    payloads, channel, prefix, of_each = FEEDS[provider]
    feed, database = folder / f"{provider}.jsonl", folder / f"{provider}.duckdb"
    with feed.open("wb") as lines:
        lines.writelines(payload + b"\n" for payload in payloads(size))
    build(database, provider, channel, prefix, size // of_each)
    began = time.monotonic()
    with feed.open("rb") as lines:
        for line in lines:
            orjson.loads(line)
    parsed = time.monotonic() - began
    seconds, peak, told = run("import", provider, feed, "--to", f"duckdb:///{database}", database=database)
    megabytes = feed.stat().st_size / 1e6
    assert ["rejected", "0"] in [line.split() for line in told.splitlines()], told
    feed.unlink()
    database.unlink()
    return megabytes, parsed, seconds, peak


def run(*arguments, database: Path) -> tuple[float, float, str]:
    """Seconds of a command of `reportlib`, its peak memory in MB, and what it printed."""
    command = [Path(sys.executable).with_name("reportlib"), *map(str, arguments)]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{database}"}
    began, peak = time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        while child.poll() is None:
            peak = max(peak, memory(psutil.Process(child.pid)))
            time.sleep(0.05)
        told = child.stdout.read()
    assert child.returncode == 0
    return time.monotonic() - began, peak / 1e6, told


def main(sizes=SIZES):
    imports, exports = [], []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            database = Path(folder) / "messages.duckdb"
            build_campaigns(database, size, size)
            for suffix in (".csv", ".csv.gz", ".parquet"):
                file = Path(folder) / f"detailed{suffix}"
                seconds, peak, _ = run("export", "detailed", "--campaign", "c0", "--to", file, database=database)
                rows, megabytes = f"{size:,}", file.stat().st_size / 1e6
                exports.append(
                    f"| {suffix} | {rows} | {megabytes:,.0f} | {seconds:.1f} | {size / seconds:,.0f} | {peak:,.0f} |"
                )
                print(exports[-1], flush=True)
                file.unlink()
            database.unlink()
        for provider in FEEDS:
            for size in sizes:
                megabytes, parsed, seconds, peak = measure(provider, size, Path(folder))
                imports.append(
                    f"| {provider} | {size:,} | {megabytes:,.0f} | {parsed:.1f} | {seconds:.1f} "
                    f"| {size / seconds:,.0f} | {peak:,.0f} |"
                )
                print(imports[-1], flush=True)
    machine = f"{date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    PAGE.write_text(
        "# How fast callbacks come in, and messages out\n\n"
        f"`make benchmark`, {machine}, a DuckDB file, start of the process included.\n\n"
        "`reportlib import`:\n\n"
        "| callbacks of | callbacks | MB | orjson alone, s | import, s | callbacks a second | peak memory, MB |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(imports) + "\n\n"
        "`reportlib export detailed`, of as many events as messages:\n\n"
        "| file | messages | MB | export, s | messages a second | peak memory, MB |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(exports) + "\n\n"
        "Goals: 100,000 callbacks and 200,000 messages a second, in memory that does not grow with the file.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
