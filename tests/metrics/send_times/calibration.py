"""`make calibration`: how often send-time advice is right, into docs/send_times.md."""

import re
from datetime import date
from pathlib import Path

from tests.metrics.send_times import read_weekly, simulation

PAGE = Path(__file__).parents[3] / "docs" / "send_times.md"
TABLES = {"calibration": simulation, "calibration, read weekly": read_weekly}


def main():
    for name, module in TABLES.items():
        made = f"{module.RUNS} runs each, {date.today()}.\n\n{module.table()}"
        text = PAGE.read_text(encoding="utf-8")
        start, end = f"<!-- made by make {name} -->", "<!-- end -->"
        place = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        (before,) = place.findall(text)
        PAGE.write_text(text.replace(before, f"{start}\n{made}\n{end}"), encoding="utf-8")
        print(made)


if __name__ == "__main__":
    main()
