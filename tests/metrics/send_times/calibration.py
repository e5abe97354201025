"""`make calibration`: how often send-time advice is right, into docs/send_times.md."""

import re
from datetime import date
from pathlib import Path

from tests.metrics.send_times import read_weekly, simulation

PAGE = Path(__file__).parents[3] / "docs" / "send_times.md"
TABLES = {simulation.START: simulation, "<!-- made by make calibration, read weekly -->": read_weekly}


def main():
    for start, module in TABLES.items():
        made = f"{module.RUNS} runs each, {date.today()}.\n\n{module.table()}"
        text = PAGE.read_text(encoding="utf-8")
        place = re.compile(f"{re.escape(start)}.*?{re.escape(simulation.END)}", re.DOTALL)
        (before,) = place.findall(text)
        PAGE.write_text(text.replace(before, f"{start}\n{made}\n{simulation.END}"), encoding="utf-8")
        print(made)


if __name__ == "__main__":
    main()
