"""What reports ask, of 1, 10 and 100 million messages: `make benchmark-scale` measures and writes docs/scale.md.

Beside it, in the same run and each in a process of its own: the same figures in SQL by hand on the same engine, and by
polars and pandas, where installed. All must agree. `python -m tests.scale.benchmark 1000000` measures one size anew,
with `--places Spark PostgreSQL` only there, with `--questions "one campaign"` only that; what was measured else stays,
in output/scale.json. An answer is on the page as soon as it is there, those that take long come last: the measurement
can be ended at any time. `--data FOLDER` keeps the data, which take 8 minutes to make of 100 million, for the next.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import psutil

from tests import PROJECT
from tests.measured_tables import put
from tests.postgresql import programs, running_postgresql
from tests.scale.data import CAMPAIGN, as_parquet, build, into_postgresql, into_spark
from tests.spark_cluster import missing, spark_cluster

SIZES = (1_000_000, 10_000_000, 100_000_000)
ROUNDS = {1_000_000: 3}  # of others one
LARGEST_ON_A_SERVER = 10_000_000
SERVERS = ("PostgreSQL", "Spark")  # whose processors and memory are not the process's that asks
SPARK = {"spark.sql.shuffle.partitions": 8, "spark.ui.enabled": "false"}
NEEDED_GB = {"in_pandas": 1.3, "in_polars": 0.5}  # that they take for a million messages
WAYS = {
    "DuckDB file": ("ours", "by_hand"),
    "Parquet": ("ours", "by_hand", "in_polars", "in_pandas"),
    "PostgreSQL": ("ours", "by_hand"),
    "Spark": ("ours", "by_hand"),
}
QUESTIONS = {
    "one campaign": ("review", CAMPAIGN),
    "one campaign, all that its report asks": ("whole_review", CAMPAIGN),
    "send-time maps": ("send_times", None),
    "all campaigns": ("review", None),
    "all campaigns, all that a report asks": ("whole_review", None),
}
MEASURED = PROJECT / "output" / "scale.json"


def main(sizes: list[int], places: list[str], questions: list[str], data: Path | None):
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    for size in sizes:
        for place, question, answers in measure(size, places, questions, data and data / str(size)):
            found = known.setdefault(str(size), {"machine": "", "places": {}})
            found["places"].setdefault(place, {})[question] = answers
            found["machine"] = _machine()
            MEASURED.write_text(json.dumps(known, indent=1))
            sections = [_section(int(size), known[size]) for size in sorted(known, key=int)]
            put("scale.md", "\n" + "\n\n".join(sections) + "\n", "made by make benchmark-scale")


def measure(size: int, places: list[str], questions: list[str], home: Path | None) -> Iterator[tuple[str, str, dict]]:
    """Place, question and, by way: seconds, those of the CPU, peak memory in MB; None where a way could not."""
    with ExitStack() as stack:
        home = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rl-scale-")))
        addresses = _made(home, size, places, stack)
        for question, asked in [(question, QUESTIONS[question]) for question in questions]:
            for place, address in addresses.items():
                ways = [way for way in WAYS[place] if _has(way, asked)]
                yield place, question, {way: _measured(way, *asked, address, size) for way in ways}


def _made(home, size, places, stack) -> dict[str, str]:
    """The data at each of the places that can have them: its address."""
    file, folder = home / "scale.duckdb", home / "parquet"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        build(file, size)
    addresses = {"DuckDB file": f"duckdb:///{file}"}
    if {"Parquet", "Spark"} & {*places}:
        if not folder.exists():
            as_parquet(file, folder)
        addresses["Parquet"] = f"parquet:///{folder}"
    if "PostgreSQL" in places and programs() and size <= LARGEST_ON_A_SERVER:
        addresses["PostgreSQL"] = stack.enter_context(running_postgresql()).address()
        into_postgresql(file, addresses["PostgreSQL"])
    if "Spark" in places and not missing() and size <= LARGEST_ON_A_SERVER:
        cluster = stack.enter_context(spark_cluster(SPARK, "-XX:+UseParallelGC", memory="3g", driver="4g"))
        addresses["Spark"] = cluster.address("scale")
        into_spark(folder, addresses["Spark"])
        _measured("by_hand", "review", CAMPAIGN, addresses["Spark"], size)  # a new cluster is compiling for a while
    return {place: address for place, address in addresses.items() if place in places}


def _has(way, asked) -> bool:
    """Whether the way answers this; what a report asks beyond the figures compared only ours does."""
    return way == "ours" or asked[0] != "whole_review"


def _measured(way, question, campaign, address, size) -> dict | None:
    library = way.removeprefix("in_")
    if way.startswith("in_") and not find_spec(library):
        return None
    if campaign is None and psutil.virtual_memory().available / 1e9 < NEEDED_GB.get(way, 0) * size / 1e6:
        return None
    command = [sys.executable, "-m", "tests.scale.measure", way, question, address, *([campaign] if campaign else [])]
    rounds = []
    for _ in range(ROUNDS.get(size, 1)):
        run = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
        if run.returncode:
            print(way, question, campaign, run.stderr.strip().splitlines()[-1:], file=sys.stderr)
            return None
        rounds.append(json.loads(run.stdout.splitlines()[-1]))
    print(size, address.split(":")[0], question, campaign or "all", way, rounds[0], flush=True)
    told = {name: statistics.median(one[name] for one in rounds) for name in ("seconds", "cpu", "peak")}
    return {**told, "figures": rounds[0]["figures"]}


def _machine() -> str:
    busy, memory = os.getloadavg()[0], psutil.virtual_memory().total / 2**30
    return (
        f"{date.today()}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, "
        f"{shutil.disk_usage(tempfile.gettempdir()).total / 1e9:.0f} GB disk; load average at the end {busy:.1f}"
    )


def _section(size, found) -> str:
    head = "| | reportlib | SQL by hand | ratio | polars | pandas | same figures |\n|---|---|---|---|---|---|---|"
    lines = [
        f"| {place}, {question} | {_cell(place, ways['ours'])} | {_cell(place, ways.get('by_hand'))} "
        f"| {_ratio(place, ways)} | {_cell(place, ways.get('in_polars'))} | {_cell(place, ways.get('in_pandas'))} "
        f"| {_agreement(ways)} |"
        for place in WAYS
        for question, ways in found["places"].get(place, {}).items()
    ]
    return f"### {size:,} messages, {2 * size:,} events\n\n{found['machine']}.\n\n" + "\n".join([head, *lines])


def _cell(place, told) -> str:
    if not told:
        return "–"
    cpu = "" if place in SERVERS else f" ({told['cpu']:.1f} CPU)"
    return f"{told['seconds']:.1f} s{cpu}, {told['peak']:,.0f} MB"


def _ratio(place, ways) -> str:
    ours, hand = ways["ours"], ways.get("by_hand")
    if not ours or not hand:
        return "–"
    cpu = "" if place in SERVERS else f" ({ours['cpu'] / hand['cpu']:.2f} CPU)"
    return f"{ours['seconds'] / hand['seconds']:.2f}{cpu}"


def _agreement(ways) -> str:
    figures = [told["figures"] for told in ways.values() if told]
    return "–" if len(figures) < 2 else "yes" if all(one == figures[0] for one in figures) else "NO"


if __name__ == "__main__":
    words = ArgumentParser(description=__doc__)
    words.add_argument("sizes", nargs="*", type=int, default=SIZES)
    words.add_argument("--places", nargs="+", choices=[*WAYS], default=[*WAYS])
    words.add_argument("--questions", nargs="+", choices=[*QUESTIONS], default=[*QUESTIONS])
    words.add_argument("--data", type=Path, help="a folder where the data stay, for the next time")
    asked = words.parse_args()
    main(asked.sizes, asked.places, asked.questions, asked.data)
