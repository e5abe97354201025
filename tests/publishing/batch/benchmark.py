"""How long a batch of reports takes: `make benchmark-reports` measures and writes docs/batch_benchmark.md.

Fifty different reviews of the demo's campaigns, three ways in turn: by the two commands that are usual (papermill, then
jupyter nbconvert, for each report), by their APIs in one process, and by `reportlib run`. Goals: a report of a batch in
at most a tenth of the first and a third of the second; the first report of a process in at most 2.5 seconds.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path

import psutil
import yaml

from reportlib.metrics import finished_campaigns
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.demo import make_demo
from tests import PROJECT
from tests.measured_tables import put, table

REPORTS, ROUNDS = 50, 3
FEWER, BY_COMMANDS = 25, 10  # in half an hour or so; by commands each report stands alone: ten are as good as fifty
NOTEBOOK = PROJECT / "notebooks" / "post_campaign_review.ipynb"
BIN = Path(sys.executable).parent
EVERY_S = 1  # looking at five processes takes the time of a page

BY_APIS = """
import sys, yaml, papermill
from nbconvert import HTMLExporter
for file in sys.argv[3:]:
    executed = f"{sys.argv[2]}/{file.rpartition('/')[2]}.ipynb"
    with open(file) as parameters:
        notebook = papermill.execute_notebook(sys.argv[1], executed, yaml.safe_load(parameters), progress_bar=False)
    with open(f"{executed}.html", "w") as page:
        page.write(HTMLExporter().from_notebook_node(notebook)[0])
"""


@dataclass(frozen=True)
class Cost:
    """What a report cost: seconds on the clock and of the processors, and the peak of memory in MB of all processes."""

    wall: float
    cpu: float
    memory: float


def asked(folder: Path) -> list[Path]:
    """A parameter file for each of the reviews, no two alike."""
    campaigns = sorted(map(str, finished_campaigns(open_warehouse())))
    files = []
    for number, campaign in enumerate(islice(cycle(campaigns), REPORTS)):
        files.append(folder / f"{number:02}.yaml")
        files[-1].write_text(yaml.safe_dump({"campaign": campaign, "top_groups": 8 - number // len(campaigns)}))
    return files


def by_commands(files, output) -> list[list]:
    commands = []
    for file in files[:BY_COMMANDS]:
        executed = output / f"{file.stem}.ipynb"
        commands.append([BIN / "papermill", NOTEBOOK, executed, "-f", file, "--no-progress-bar"])
        commands.append([BIN / "jupyter", "nbconvert", "--to", "html", executed])
    return commands


def by_apis(files, output) -> list[list]:
    return [[sys.executable, "-c", BY_APIS, NOTEBOOK, output, *files[:FEWER]]]


def by_reportlib(files, output) -> list[list]:
    return [[BIN / "reportlib", "run", *files, "--notebook", NOTEBOOK.stem, "--output", output]]


def cold(files, output) -> list[list]:
    return [[*command, "--cold"] for command in by_reportlib(files[:FEWER], output)]


def first(files, output) -> list[list]:
    return by_reportlib(files[:1], output)


WAYS = {
    "papermill, then jupyter nbconvert": (by_commands, BY_COMMANDS),
    "their APIs in one process": (by_apis, FEWER),
    "reportlib run --cold": (cold, FEWER),
    "reportlib run": (by_reportlib, REPORTS),
    "reportlib run, one report": (first, 1),
}


def measured(commands: list[list], reports: int) -> Cost:
    """The cost per report of these commands, one after the other."""
    peak, over = 0.0, threading.Event()

    def watch():
        nonlocal peak
        while not over.wait(EVERY_S):
            peak = max(peak, sum(map(proportional, psutil.Process().children(recursive=True))))

    began, before = time.monotonic(), os.times()
    watching = threading.Thread(target=watch)
    watching.start()
    for command in commands:
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    over.set()
    watching.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost((time.monotonic() - began) / reports, cpu / reports, peak / 1e6)


def proportional(process) -> int:
    """A process's memory, what it shares divided by those it shares it with."""
    with suppress(psutil.Error):
        return process.memory_full_info().pss
    return 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CAMPAIGN_DATABASE_URL"] = f"duckdb:///{folder}/demo.duckdb"
        make_demo(os.environ["CAMPAIGN_DATABASE_URL"])
        files, costs = asked(Path(folder)), {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, (way, reports) in WAYS.items():
                with tempfile.TemporaryDirectory() as output:
                    costs[name].append(measured(way(files, Path(output)), reports))
                    print(name, costs[name][-1], flush=True)
    write(costs)


def write(costs: dict[str, list[Cost]]):
    wall = {name: statistics.median(one.wall for one in rounds) for name, rounds in costs.items()}
    ours = wall["reportlib run"]
    rows = []
    for name, rounds in costs.items():
        low, high = min(one.wall for one in rounds), max(one.wall for one in rounds)
        cpu, memory = statistics.median(one.cpu for one in rounds), max(one.memory for one in rounds)
        ratios = [one.wall / other.wall for one, other in zip(rounds, costs["reportlib run"], strict=True)]
        row = [name, f"{wall[name]:.2f}", f"{low:.2f}–{high:.2f}", f"{cpu:.2f}", f"{memory:.0f}"]
        rows.append([*row, f"{wall[name] / ours:.1f}", f"{min(ratios):.1f}–{max(ratios):.1f}"])
    heads = ["way", "seconds a report, median", "range", "CPU seconds", "peak memory, MB", "× ours", "range"]
    about = f"{date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}: {REPORTS} reviews, "
    about += f"{FEWER} of them by APIs and cold, {BY_COMMANDS} by commands; rounds in turn: {ROUNDS}."
    put("batch_benchmark.md", f"{about}\n\n{table(heads, rows)}", "made by make benchmark-reports")


if __name__ == "__main__":
    main()
