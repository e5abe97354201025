"""Alerts on campaigns where nothing is amiss, and where something is: how often they cry; `make calibration` writes it
to docs/watch.md.
"""

from datetime import date

import numpy as np

from reportlib.metrics.live.alerts import Alert, holds_surely
from tests import measured_tables

SEED, CAMPAIGNS, LOOKS = 86_420_753, 2_000, 100
SIZES = (50, 500, 5_000, 50_000)
ASKED = (  # the alert, the true rates it is tried on
    (Alert("", "failed", True, 0.05), (0.04, 0.05, 0.075, 0.10)),
    (Alert("", "complained", True, 0.003), (0.002, 0.003, 0.006)),
    (Alert("", "delivered", False, 0.95), (0.96, 0.95, 0.92)),
)


def cried(rng, alert: Alert, rate, size, looks) -> dict[str, float]:
    """The share of CAMPAIGNS of a size that an alert cried at, at its end and at any of the looks; and of those whose
    rate was beyond the line at any look."""
    bases = np.unique(np.linspace(size / looks, size, looks).astype(int))
    steps = np.diff(bases, prepend=0)
    found = rng.binomial(steps, rate, (CAMPAIGNS, len(steps))).cumsum(axis=1)
    held = holds_surely(found, bases, 0, alert)
    beyond = found > alert.line * bases if alert.is_above else found < alert.line * bases
    return {"end": held[:, -1].mean(), "looks": held.any(axis=1).mean(), "naive": beyond.any(axis=1).mean()}


def table() -> str:
    """The table of docs/watch.md."""
    rng, rows = np.random.default_rng(SEED), []
    for alert, rates in ASKED:
        side = "above" if alert.is_above else "below"
        for rate in rates:
            for size in SIZES:
                counts = cried(rng, alert, rate, size, LOOKS)
                shares = [f"{100 * counts[name]:.1f} %" for name in ("end", "looks", "naive")]
                said = f"{alert.metric} {side} {100 * alert.line:g} %, surely"
                rows.append([said, f"{100 * rate:g} %", f"{size:,}", *shares])
    heads = ["alert", "true rate", "people", "alerted at the end", "alerted at some look"]
    return measured_tables.table([*heads, "beyond the line at some look"], rows)


def main():
    """Write the table to its page."""
    about = f"Seed {SEED}, {date.today()}; {CAMPAIGNS:,} campaigns a row, {LOOKS} looks at each while it grows."
    measured_tables.put("watch.md", f"{about}\n\n{table()}")


if __name__ == "__main__":
    main()
