"""Every command, option and parameter file asked with what nobody should ask: `make fuzz`, or `python -m tests.fuzz`,
which can be given the commands to ask.

Each call differs from a good one in one place, so that it gets as far as that place. No call may end in anything but an
answer or a line that says what is wrong: the kinds of end are counted, and whatever else there is is printed.
"""

import contextlib
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import click
from click.testing import CliRunner
from sqlalchemy import create_engine

from reportlib.cli import main
from reportlib.reports.beginning import make_suite
from reportlib.suite import SUITE_VARIABLE
from tests.small_database import campaign, fill, small_database
from tests.warehouse.connect import test_braze as braze

LONGEST_S = 60  # a call; most take less than a tenth of a second
DATABASE = "duckdb:///campaigns.duckdb"
TEXTS = [
    *("", " ", ".", "..", "/", "~", "-", "--", "*", "%s%n", "{}", "[]", "null", "None", "0", "-1", "1e30", "nan"),
    *("inf", "-inf", "0x_", "007", "9" * 5000, "x" * 300, "x" * 5000, "a\x1b[2Jb", "a\nb", "日本語", "🌸" * 100),
    *(
        "\u202eevil",
        "a\udcffb",
        "a' OR 1=1 --",
        "../../x",
        "x/../..",
        "last",
        "2026-W99",
        "9999-W01",
        "0000-W01",
    ),
    *("2026-W53", "folder", "pipe", "device", "link", "circle", "bytes", "gone/x.csv", "bytes/x.csv", "x.csv.gz"),
    *(
        "x.parquet",
        "x.csv",
        "file://",
        "file:///",
        "ftp://x/y",
        "http://[::1",
        "tcp://",
        "tcp://127.0.0.1:1",
        "a@b.example",
        "a:b@c",
    ),
]
ADDRESSES = [
    *("duckdb:", "duckdb://", "duckdb:///", "duckdb:////", "duckdb:///folder", "duckdb:///pipe", "duckdb:///bytes"),
    *("duckdb:///none.duckdb", "duckdb:///:memory:", "duckdb:///campaigns.duckdb?x=y", "duckdb:///" + "x" * 300),
    *(
        "sqlite://",
        "sqlite:///",
        "sqlite:///folder",
        "sqlite:///bytes",
        "sqlite:///device",
        "sqlite:///none.db",
        "mysql://",
    ),
    *(
        "postgresql://",
        "postgresql+psycopg://",
        "postgresql+psycopg://[",
        "postgresql+psycopg://127.0.0.1:1/x",
        "hive://",
    ),
    *(
        "postgresql+psycopg://127.0.0.1:99999/x",
        "postgresql+psycopg://127.0.0.1:x/y",
        "postgresql+nodriver://x",
        "hive+http://",
    ),
    *(
        "hive://127.0.0.1:1/x",
        "hive+https://x",
        "parquet://",
        "parquet:///",
        "parquet:///folder",
        "parquet:////none",
        "x://y",
    ),
    *(
        "parquet:///bytes",
        "://",
        "duckdb",
        "duckdb+x:///y",
        "duckdb:///a\udcffb",
        "sqlite:///a\udcffb",
    ),
]
PARTS = [
    *("", "~", "null", "yes", "7", "-7", "1e30", "1.0e+30", ".nan", ".inf", "9" * 5000, "0x_", "007", "12:30"),
    *(
        "''",
        "' '",
        "!!int abc",
        "!!bool abc",
        "!!timestamp xyz",
        "!!set {a}",
        "!!binary YQ==",
        '"a\\0b"',
        '"\\ud800"',
        '"\\e[2J"',
    ),
    *("[]", "{}", "[a, a]", "[[a]]", "[{}]", "{a: b}", "{1: b}", "{[a]: b}", "&a [*a]", "&a {b: *a}", "[" * 3000),
    *(
        "x" * 5000,
        "last",
        "2026-W99",
        "Mars/Olympus",
        "../../etc",
        "none.json",
        "pipe",
        "folder",
        "device",
        "recipient",
    ),
    *(
        "attribute:",
        "attribute:\"'--",
        "clicked > x",
        "ana@example.com",
        "jörg@bücher.example",
        "a@b\\nBcc: c@d.example",
    ),
    "http://a b",
]
GOOD_FILES = {  # of reports: each parameter of each notebook
    "post_campaign_review": {"campaign": "spring", "timezone": "UTC", "breakdowns": "[country]", "top_groups": "3"}
    | {"failure_codes": "~"},
    "campaign_comparison": {"campaigns": "[spring, autumn]", "metric": "clicked", "baseline": "spring"}
    | {"age_hours": "24", "final_age_hours": "72", "margin": "0.1", "split": "[0.5, 0.5]", "breakdowns": "[country]"},
    "campaign_impact": {"experiment": "~", "campaigns": "[spring]", "window_days": "7", "baseline": "~", "split": "~"}
    | {"margin": "0.1"},
    "send_time_heatmap": {"campaigns": "[spring]", "metric": "clicked", "channel": "email", "weeks": "~"}
    | {"window_hours": "24", "timezone": "recipient"},
    "weekly_review": {"account": "acme", "week": "2026-W45", "weeks": "20", "earlier": "~"},
    "audience_health": {"account": "acme", "sleeper_days": "60", "breakdowns": "[country]", "smallest": "10"},
    "what_works": {"account": "acme", "weeks": "26", "fewest": "3", "window_days": "7"},
    "live_monitor": {"campaign": "spring", "interval_s": "2.0", "timezone": "UTC"},
    "exploring": {"campaign": "spring"},
}
_MAILING = {"about": "weekly_review", "to": ["a@b.example"], "only_if": "clicked > 5", "charts": "2", "attach": ["pdf"]}
_CHAT = {"to": "slack", "url": '"${HOOK}"', "about": "weekly_review", "only_if": "clicked > 5"}
_GOALS = {"delivered": "95", "failed": "5", "clicked": "4"}
_BRAND = {"name": "Acme", "logo": "logo.svg", "accent": '"#7a1fa2"', "contact": "Questions", "locale": "de_DE"}
_BRAND |= {"goals": {**_GOALS, "channels": {"sms": {"delivered": "98"}}}}
EDITION, BRAND, ALERTS, RATES = (
    "weekly.yaml",
    "parameters/brand.yaml",
    "parameters/alerts.yaml",
    "parameters/rates.yaml",
)
MAPPING = "mapping.yaml"
OTHER_FILES = {  # and the call that reads each: all that may stand in it, each part written as YAML
    EDITION: {
        **{"reports": {"weekly_review": {"weeks": "20", "for_each": "account", "every": "1"}}, "accounts": ["acme"]},
        **{"pdf": "false", "png": "false", "xlsx": "false", "time_limit_s": "600"},
        "mail": {"sender": "a@b.example", "link_base_url": "https://reports.example.com", "size_limit_kb": "1000"}
        | {"on_failure": ["a@b.example"], "mailings": [_MAILING]},
        "notify": {"chats": [_CHAT], "link_base_url": "https://a.example", "picture_base_url": "https://b.example"},
    },
    BRAND: {**_BRAND, "accounts": {"acme": {"name": "Acme"}}},
    ALERTS: {
        "alerts": [
            {"when": '"complained above 0.3 %, surely"', "name": "spam", "account": "acme", "channel": "email"}
            | {"campaign": "spring", "advice": "Pause"}
        ]
    },
    RATES: {
        "rates": [
            {"channel": "email", "provider": "sendgrid", "category": "marketing", "country": "BR", "per": "sent"}
            | {"from": "2026-10-01", "price": "0.3", "currency": "BRL"}
        ],
        "convert": {"into": "BRL", "USD": "5.4"},
    },
    MAPPING: {
        "columns": {
            "contact_id": "Phone",
            "campaign_id": ["Campaign", "Name"],
            "sent_at": "Sent at",
            "status": "Status",
        },
        **{"fixed": {"channel": "sms"}, "statuses": {"ok": "delivered"}, "dates": "day first", "decimal": "comma"},
        **{"clock": "Europe/Berlin", "only": {"Status": ["delivered"]}, "attributes": {"plan": "Plan"}},
        "inbound": {"Direction": ["in"]},
    },
}
BASES = {  # good calls of each command
    "demo": [["--to", "duckdb:///made.duckdb", "--messages", "300"]],
    "demo-live": [["--to", "sqlite:///live.db"]],
    "load": [["csv", "--to", "duckdb:///loaded.duckdb"]],
    "connect": [["braze", "--from", "parquet:///braze", "--to", "duckdb:///copied.duckdb"], []],
    "import": [
        ["sendgrid", "callbacks.jsonl", "--to", "duckdb:///campaigns.duckdb"],
        ["table.csv", "--mapping", MAPPING, "--account", "acme", "--to", "duckdb:///imported.duckdb"],
        ["outcomes", "orders.csv", "--to", "duckdb:///campaigns.duckdb"],
    ],
    "map": [["table.csv", "--to", "mapped.yaml"]],
    "start": [["--what", "files", "--file", "log.csv", "--to", "duckdb:///started.duckdb", "--review", "spring"]],
    "check": [[]],
    "campaigns": [[]],
    "run": [["post_campaign_review/x.yaml", "--output", "out"]],
    "weekly": [[EDITION, "--week", "2026-W45", "--output", "out", "--plan"]],
    "watch": [["--campaign", "spring", "--edition", EDITION, "--mail", "a@b.example", "--once", "--state", "state"]],
    "plan-test": [["--rate", "0.04"]],
    "plan-test send-time": [["--slot", "TUE 19", "--slot", "TUE 9", "--channel", "email", "--to", "test"]],
    "reports": [[]],
    "brand": [[]],
    "new": [["mine"]],
    "init": [["suite"]],
    "export summary": [["--campaign", "spring", "--to", "x.csv"]],
    "export detailed": [["--campaign", "spring", "--to", "x.csv"]],
    "export workbook": [["--campaign", "spring", "--to", "x.xlsx"]],
    "export audience": [["--account", "acme", "--who", "sleepers", "--to", "x.csv"]],
    "export comparison": [["--campaign", "spring", "--campaign", "autumn", "--to", "x.csv"]],
    "export impact": [["--experiment", "held", "--to", "x.csv"]],
}
READ_BY = {
    EDITION: ("weekly", 0),
    BRAND: ("brand", 0),
    ALERTS: ("watch", 0),
    RATES: ("export workbook", 0),
    MAPPING: ("import", 1),
}
_WAITS = {"follow", "scheduler"}  # for ever, or a while: a good call of these is tested elsewhere
_ELSEWHERE = {("init", "folder"), ("plan-test send-time", "folder"), ("watch", "state"), ("run", "output")}  # not in /


@dataclass(frozen=True)
class Call:
    """What is asked, and of which database; `file` is written before it, (name, content)."""

    words: tuple
    database: str = DATABASE
    file: tuple | None = None


def calls() -> Iterator[Call]:
    """Every call: each parameter of each command with each text, each database, each part of each file."""
    for name, command in commands(main):
        for base in BASES[name]:
            yield Call((*name.split(), *base))
            for address in ADDRESSES:
                words = base if "export" in name else _without(base, "--to")
                yield Call((*name.split(), *words), address)
            for option in command.params:
                if option.name not in _WAITS:
                    for words in _odd(option, base, name):
                        yield Call((*name.split(), *words))
    yield from _of_reports()
    for file, good in OTHER_FILES.items():
        name, which = READ_BY[file]
        words = (*name.split(), *BASES[name][which])
        yield Call(words, file=(file, _written(good)))
        odd = (_written(each) for each in (*_odd_parts(good), *({part: "x"} for part in PARTS)))
        yield from (Call(words, file=(file, content)) for content in dict.fromkeys(odd))


def commands(group, path=()) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, by its words: "export summary"."""
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def _odd(option, base, name):
    texts = [text for text in TEXTS if text != "/"] if (name, option.name) in _ELSEWHERE else TEXTS
    if isinstance(option, click.Argument):
        at = 1 if option.name == "files" and len(base) > 1 and not base[1].startswith("-") else 0
        odd = [text for text in texts if text != "pipe"]  # which is waited for, as a shell hands one over
        yield from ([*base[:at], text, *base[at + 1 :]] for text in odd)
    elif getattr(option, "is_flag", False):
        yield [*base, option.opts[0]]
    else:
        odd = [*texts, *ADDRESSES] if option.name in ("url", "source") else texts
        yield from ([*_without(base, option.opts[0]), option.opts[0], text] for text in odd)


def _without(words, option):
    return [word for at, word in enumerate(words) if word != option and (at == 0 or words[at - 1] != option)]


def _of_reports():
    for notebook, good in GOOD_FILES.items():
        words = ("run", f"{notebook}/x.yaml", "--output", "out")
        for name in (*good, "odd"):
            for part in PARTS:
                asked = {**good, name: part}
                yield Call(words, file=(f"{notebook}/x.yaml", _written(asked)))
        for part in PARTS:
            yield Call(words, file=(f"{notebook}/x.yaml", part))
            yield Call(words, file=(f"{notebook}/x.yaml", f"{part}: x\n"))


def _odd_parts(good):
    """What `good` becomes with each of PARTS in each of its places, and with a name that is none."""
    yield from PARTS
    inside = good.items() if isinstance(good, dict) else enumerate(good) if isinstance(good, list) else ()
    for place, held in inside:
        for odd in _odd_parts(held):
            copy = good.copy()
            copy[place] = odd
            yield copy
        if isinstance(place, str):
            yield {**good, f"{place}x": held}


def _written(good, depth=0) -> str:
    """As YAML: lines of names at the top, within them in brackets."""
    if isinstance(good, str):
        return good
    if isinstance(good, list):
        return f"[{', '.join(_written(each, 1) for each in good)}]"
    pairs = [f"{name}: {_written(value, 1)}" for name, value in good.items()]
    return f"{{{', '.join(pairs)}}}" if depth else "".join(f"{pair}\n" for pair in pairs)


def furnish(folder: Path):
    """What calls find in their folder: a database, files to load, and odd ones."""
    engine = create_engine(f"duckdb:///{folder / 'campaigns.duckdb'}")
    both = [campaign(name, audience=4).sent(3).delivered(2, clicked=1) for name in ("spring", "autumn")]
    held = small_database(*both)
    held.messages[0]["provider_message_id"] = "a"
    known = held.contacts[0]["contact_id"]
    held.assigned("held", "a", "spring", [row["contact_id"] for row in held.contacts[1:]])
    held.assigned("held", "out", None, [known])
    fill(engine, held)
    engine.dispose()
    make_suite(folder)
    for name in ("folder", "csv", *GOOD_FILES):
        (folder / name).mkdir()
    (folder / "csv" / "accounts.csv").write_text("account_id,name,timezone\n1,Acme,UTC\n")
    callback = {"event": "delivered", "timestamp": 1_793_610_300, "sg_message_id": "a", "sg_event_id": "b"}
    (folder / "callbacks.jsonl").write_text(f"{json.dumps([callback])}\n")
    (folder / "table.csv").write_text(
        "Phone,Campaign,Name,Sent at,Status,Plan,Direction\n"
        "+4915112345001,Herbst,,2026-11-02 10:00,delivered,basic,out\n"
    )
    (folder / "orders.csv").write_text(
        f"outcome_id,contact_id,occurred_at,value,currency\no1,{known},2026-11-02,5,EUR\n"
    )
    sends = folder / "braze" / "users.messages.email.Send"
    sends.mkdir(parents=True)
    send = {"id": "1", "user_id": "u1", "time": 1_793_610_300, "email_address": "a@b.example", "campaign_id": "c"}
    braze.write(sends, [send])
    (folder / "parameters" / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    )
    for file, good in OTHER_FILES.items():
        (folder / file).write_text(_written(good))
    (folder / "log.csv").write_text("campaign_id,contact_id,channel,status,sent_at\nspring,ann,email,sent,2026-11-02\n")
    (folder / "bytes").write_bytes(bytes(range(256)) * 20)
    (folder / "link").symlink_to("bytes")
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe")
    with contextlib.suppress(PermissionError):  # only root may
        os.mknod(folder / "device", 0o020666, os.makedev(1, 7))  # as /dev/full
    for notebook, good in GOOD_FILES.items():
        (folder / notebook / "x.yaml").write_text("".join(f"{name}: {value}\n" for name, value in good.items()))


def end_of(call: Call) -> tuple[str, str]:
    """How a call ended: "answered", "told", or what it should not; and what there is to see of that."""
    before = None
    if call.file:
        before = Path(call.file[0]).read_text()
        Path(call.file[0]).write_text(call.file[1])
    with _bounded():
        environment = {"CAMPAIGN_DATABASE_URL": call.database, "HOOK": "https://127.0.0.1:1/hook"}
        environment["REPORTLIB_SMTP_URL"] = "smtp+plain://127.0.0.1:1"
        result = CliRunner().invoke(main, list(call.words), env=environment, prog_name="reportlib")
    if before is not None:
        Path(call.file[0]).write_text(before)
    if result.exception and not isinstance(result.exception, SystemExit):
        lines = traceback.format_exception(result.exception)
        return type(result.exception).__name__, "".join(lines[-3:])
    if result.exit_code not in (0, 1, 2):
        return f"exit {result.exit_code}", result.output[-500:]
    if result.exit_code and not result.stderr.strip() and not result.stdout.strip():
        return "said nothing", ""
    if len(result.stderr) > 20_000 or "\x1b" in result.output:
        return "said too much", result.output[:500]
    return "told" if result.exit_code else "answered", ""


@contextlib.contextmanager
def _bounded():
    def over(*_):
        raise TimeoutError(f"not ended within {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def furnished() -> Iterator[Path]:
    """A folder to call in, where nothing is published and no live demo goes on."""
    here = Path.cwd()
    made = mock.patch("reportlib.publishing.batch.run.run_reports", return_value=[])
    live = mock.patch("reportlib.warehouse.demo.live.run_live_demo")
    small = mock.patch("reportlib.warehouse.demo.live.EARLIER_MESSAGES", 300)
    retried = mock.patch("reportlib.publishing.batch.retries.BACK_OFF_S", ())
    unforked = mock.patch("reportlib.publishing.kernel.fork_client.Template", side_effect=OSError("not here"))
    unset = mock.patch.dict(os.environ, {SUITE_VARIABLE: ""})
    with tempfile.TemporaryDirectory() as scratch, made, live, small, retried, unforked, unset:
        folder = Path(scratch, "a", "b")  # so that ../.. is still within what is thrown away
        folder.mkdir(parents=True)
        furnish(folder)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(here)


def run(chosen: list[Call], seconds: float) -> tuple[Counter, dict]:
    """How so many of these calls ended as the time allows, and the first of each kind that should not be."""
    ends, wrong, until = Counter(), {}, time.monotonic() + seconds
    with furnished():
        for call in chosen:
            if time.monotonic() > until:
                break
            kind, seen = end_of(call)
            ends[kind] += 1
            if kind not in ("answered", "told"):
                wrong.setdefault((kind, seen[-300:]), (call, seen))
    return ends, wrong


if __name__ == "__main__":
    chosen = [call for call in calls() if not sys.argv[1:] or call.words[0] in sys.argv[1:]]
    random.Random(int(os.environ.get("FUZZ_SEED", "1"))).shuffle(chosen)
    ends, wrong = run(chosen, float(os.environ.get("FUZZ_SECONDS", "1200")))
    for call, seen in wrong.values():
        print(re.sub(r"(.)\1{50,}", r"\1…", f"{call}\n{seen}"))
    counts = ", ".join(f"{count:,} {kind}" for kind, count in ends.most_common())
    print(f"{sum(ends.values()):,} of {len(chosen):,} calls: {counts}")
    sys.exit(1 if wrong else 0)
