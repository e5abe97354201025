"""`make calibration`: how often send-time advice is right, into docs/send_times.md."""

from datetime import date

from tests.measured_tables import put
from tests.metrics.send_times import read_weekly, simulation

TABLES = {"made by make calibration": simulation, "made by make calibration, read weekly": read_weekly}


def main():
    for mark, module in TABLES.items():
        put("send_times.md", f"{module.RUNS} runs each, {date.today()}.\n\n{module.table()}", mark)


if __name__ == "__main__":
    main()
