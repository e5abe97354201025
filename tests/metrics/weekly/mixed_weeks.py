"""Accounts whose weeks use other channels than the weeks before; `make calibration` writes to docs/weekly_statistics.md
how often a whole week's failures are then called unusual that are not, and those that are.

One to three campaigns a week, each on a channel drawn at random; channels fail as in RATES, campaigns differ besides.
One rate is judged, at the level that it has among three.
"""

from datetime import date

import numpy as np

from reportlib.metrics.statistics.outliers import ordinary_expectation
from reportlib.metrics.weekly.against_history import ordinary
from reportlib.metrics.weekly.mix import log_odds_of_mix
from tests import measured_tables
from tests.measured_tables import percent
from tests.metrics.weekly.broken_weeks import FAILING, LEVEL
from tests.metrics.weekly.made_history import THIS, history, row
from tests.metrics.weekly.simulation import mixed_bases, true_rates

SEED, ACCOUNTS, WEEKS = 20_261_130, 20, 20  # new weeks that are judged after the same weeks before
RATES = {"email": 0.02, "whatsapp": 0.04, "sms": 0.1}
WORLDS = [(spread, before, broken) for spread in (0.15, 0.3) for before in (8, 20) for broken in (0, 1)]


def campaigns(rng, week, spread, failing=None):
    """The campaigns of a week, so many weeks before THIS; of all of them `failing` failed where it is given."""
    for number in range(rng.integers(1, 4)):
        channel, people = str(rng.choice(list(RATES))), int(mixed_bases(rng, 1, 500)[0])
        failed = rng.binomial(people, failing or true_rates(rng, RATES[channel], spread, "normal", 1)[0])
        columns = {"campaign_id": f"{week}-{number}", "audience": people, "sent": people, "failed": failed}
        yield row(week, 0, people - failed, channel, **columns)


def judged(rng, spread, before, broken):
    """p values of WEEKS ordinary weeks, then of as many in which FAILING failed of each campaign, and with the channels
    taken together; NaN where too little is known of the channels. The reach of what is ordinary, of the former."""
    weeks = range(1, before + 1)
    rows = [one for week in weeks for one in campaigns(rng, week, spread, 0.98 if week <= broken else None)]
    for place in range(2 * WEEKS):  # from THIS on
        rows += campaigns(rng, -place, spread, FAILING if place >= WEEKS else None)
    frame = history(*rows)
    usual = ordinary(frame, THIS)
    sums = frame[frame["channel"] == "all"].groupby("week")[["failed", "audience"]].sum()
    sums["offset"] = log_odds_of_mix(frame, usual, "failed")
    past, new = sums[sums.index < str(THIS)], sums[sums.index >= str(THIS)]
    by_mix = ordinary_expectation(*past.dropna().to_numpy().T)
    together = ordinary_expectation(past["failed"], past["audience"])
    known = new["offset"].notna() & (by_mix is not None)
    found = new.assign(by_mix=np.nan, together=together.p_value(new["failed"], new["audience"]), reach=np.nan)
    if by_mix:
        count, base, offset = new.loc[known, ["failed", "audience", "offset"]].to_numpy().T
        low, high = by_mix.limits(base, LEVEL, offset)
        found.loc[known, "by_mix"], found.loc[known, "reach"] = by_mix.p_value(count, base, offset), high - low
    return found[["by_mix", "together", "reach"]].to_numpy()


def shares(rng, *world, accounts=ACCOUNTS):
    """Of all weeks those judged; of the judged ordinary ones, and of the failing ones, those flagged, and flagged were
    channels taken together; the median reach of what is ordinary of a week."""
    by_mix, together, reach = np.array([judged(rng, *world) for _ in range(accounts)]).transpose(2, 0, 1)
    rows = [np.isfinite(by_mix).mean()]
    for weeks in (slice(0, WEEKS), slice(WEEKS, None)):
        known = np.isfinite(by_mix[:, weeks])
        rows += [np.mean(p_values[:, weeks][known] <= LEVEL) for p_values in (by_mix, together)]
    return *rows, np.nanmedian(reach[:, :WEEKS])


def table(accounts=ACCOUNTS) -> str:
    rng, rows = np.random.default_rng(SEED), []
    for spread, before, broken in WORLDS:
        known, ordinary_by_mix, ordinary_together, by_mix, together, reach = map(
            percent, shares(rng, spread, before, broken, accounts=accounts)
        )
        cells = [known, reach, f"{ordinary_by_mix} / {ordinary_together}", f"{by_mix} / {together}"]
        rows.append([f"{100 * spread:.0f} %", before, broken, *cells])
    heads = ["spread between campaigns", "weeks before", "of these broken", "judged, %", "ordinary range, points wide"]
    return measured_tables.table([*heads, "ordinary weeks flagged, %", f"of {100 * FAILING:.0f} % flagged, %"], rows)


def main():
    made = f"{ACCOUNTS * WEEKS:,} weeks each, seed {SEED}, {date.today()}.\n\n{table()}"
    measured_tables.put("weekly_statistics.md", made, "made by make calibration: mixed weeks")


if __name__ == "__main__":
    main()
