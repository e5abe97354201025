"""One way to the figures, in a process of its own: `python -m tests.scale.measure WAY QUESTION ADDRESS [CAMPAIGN]`.

Prints as JSON the seconds, those of the CPU, the peak memory in MB, and a fingerprint of the figures: sorted, numbers
as numbers, what is missing as 0 (SMS opens, which reports call not measured).
"""

import hashlib
import json
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd


def main(way: str, question: str, address: str, campaign: str | None = None):
    ask = getattr(import_module(f"tests.scale.{way}"), question)
    began, began_cpu = time.perf_counter(), time.process_time()
    figures = ask(address) if question == "send_times" else ask(address, campaign)
    told = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - began_cpu,
        "peak": peak_mb(),
        "figures": {name: fingerprint(rows) for name, rows in figures.items()},
    }
    print(json.dumps(told))


def peak_mb() -> float:
    """Of this process; `getrusage` would tell that of the one that started it where that is larger."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def fingerprint(rows) -> str:
    text = "\n".join(sorted(" ".join(map(_plain, row)) for row in rows))
    return f"{len(rows)} {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _plain(value) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "0"
    return value if isinstance(value, str) else str(int(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
