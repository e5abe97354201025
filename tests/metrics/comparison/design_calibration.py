"""How often a design that is broken, watched or not randomised gets a winner: the second half of docs/calibration.md.

Counts are simulated with a seed and put to the functions that the reports call.
"""

from itertools import combinations

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.comparison.age.hand_overs import stragglers
from reportlib.metrics.comparison.design.checks import ALARM
from reportlib.metrics.comparison.factors import contrasts
from reportlib.metrics.comparison.question import AFTER_FINAL
from reportlib.metrics.failures.recoverable import apart, predicted
from reportlib.metrics.statistics import sequential
from reportlib.metrics.statistics.contrasts import Contrast
from reportlib.metrics.statistics.expectation import expectation
from reportlib.metrics.statistics.multiplicity import same_shares_p
from reportlib.metrics.statistics.newcombe import excludes_zero, newcombe
from reportlib.metrics.statistics.spread import ASSUMED, Spread
from tests.measured_tables import table
from tests.metrics.comparison import traps

SEED = 20_261_129
BASE, LIFT = 0.05, 1.2
DAYS = 7


def different(counts, bases, others, other_bases, alpha=0.05):
    """Whether the fixed interval leaves zero out."""
    return excludes_zero(*newcombe(counts, bases, others, other_bases, alpha=alpha))


def watched(counts, bases, others, other_bases, alpha=0.05):
    """Whether the anytime interval leaves zero out, once there are enough responses."""
    ready = counts + others >= sequential.BURN_IN
    safe = [
        np.where(ready, part, dummy)
        for part, dummy in zip((counts, bases, others, other_bases), (1, 2, 1, 2), strict=True)
    ]
    return ready & excludes_zero(*sequential.interval(*safe, alpha=alpha))


def daily(generator, runs, arms, rate, people):
    """Counts (runs, arms, days) as answers come in over a week, most of them on the first day."""
    shares = 1 - np.exp(-np.arange(1, DAYS + 1))
    steps = np.diff(np.concatenate([[0], shares / shares[-1]]))
    return generator.multinomial(generator.binomial(people, rate, (runs, arms)), steps).cumsum(axis=-1)


def looks(generator, runs, arms, rate, people):
    """Share of runs with a winner: fixed intervals daily; the anytime one up to the sixth day, then the fixed one."""
    counts, alpha = daily(generator, runs, arms, rate, people), 0.05 / (arms * (arms - 1) / 2)
    naive, ours = np.zeros(runs, bool), np.zeros(runs, bool)
    for one, two in combinations(range(arms), 2):
        for day in range(DAYS):
            table = counts[:, one, day], people, counts[:, two, day], people
            found = different(*table, alpha=alpha)
            naive |= found
            ours |= found if day == DAYS - 1 else watched(*table, alpha=alpha)
    return naive.mean(), ours.mean()


def top_ups(generator, runs, rate, people):
    """The same for four looks, each after as many people more: all fixed, the first alone, and the others anytime."""
    counts = generator.binomial(people, rate, (runs, 2, 4)).cumsum(axis=-1)
    naive, ours = np.zeros(runs, bool), np.zeros(runs, bool)
    for look in range(4):
        table = counts[:, 0, look], people * (look + 1), counts[:, 1, look], people * (look + 1)
        naive |= different(*table)
        ours |= watched(*table, alpha=AFTER_FINAL) if look else different(*table)
    table = counts[:, 0, 0], people, counts[:, 1, 0], people
    return naive.mean(), different(*table).mean(), ours.mean()


def filtered(generator, runs, people, share):
    """A share of those of one arm who never respond is not delivered: winners of delivered, of assigned, stopped."""
    responded = generator.binomial(people, BASE, (2, runs))
    lost = generator.binomial(people - responded[1], share)
    delivered = different(responded[1], people - lost, responded[0], np.full(runs, people))
    assigned = different(responded[1], people, responded[0], people)
    stopped = np.mean([same_shares_p([[people, people - n], [1e-9, n]]) < ALARM for n in lost[:500] if n])
    return delivered.mean(), assigned.mean(), stopped


def throttled(generator, runs, people, at_hours=24, sending=48):
    """Two arms alike, one sent over two days: winners at the same age of the campaigns, and of the people."""
    early = generator.binomial(people, BASE * (1 - np.exp(-at_hours / 10)), runs)
    starts = np.linspace(0, sending, 200)
    reached = np.where(starts < at_hours, 1 - np.exp(-np.maximum(at_hours - starts, 0) / 10), 0).mean()
    of_campaign = generator.binomial(people, BASE * reached, runs)
    of_people = generator.binomial(people, BASE * (1 - np.exp(-at_hours / 10)), runs)
    return different(of_campaign, people, early, people).mean(), different(of_people, people, early, people).mean()


def straggling(generator, runs, rate, people):
    """Daily looks as above, one arm's stragglers, none of whom would ever respond, left out at all of them."""
    counts, found = daily(generator, runs, 2, rate, people), np.zeros(runs, bool)
    for day in range(DAYS):
        test = different if day == DAYS - 1 else watched
        found |= test(counts[:, 1, day], people - int(stragglers(people)), counts[:, 0, day], people)
    return found.mean()


def tried_again(generator, runs, sendings, apart_by, codes=3, people=200, rate=0.7):
    """Ranges of what could be had back that hold the truth: by chance alone, and as reported.

    Earlier sendings of a few dozen each, and a new one, whose people fail with codes of their own shares; log odds lie
    apart by `apart_by`: deviations between sendings, between codes, and between a sending's codes.
    """
    held = np.zeros((runs, 2))
    for run in range(runs):
        deviations = zip(apart_by, ((sendings + 1, 1), (1, codes), (sendings + 1, codes)), strict=True)
        log_odds = sum(generator.normal(0, deviation, shape) for deviation, shape in deviations)
        rates = scipy.special.expit(scipy.special.logit(rate) + log_odds)
        shares = generator.dirichlet(np.full(codes, 3), sendings + 1)
        tried = 1 + generator.poisson(generator.gamma(2, 15, (sendings, 1)) * shares[:-1])
        reached = generator.binomial(tried, rates[:-1])
        new = generator.binomial(generator.multinomial(people, shares[-1]), rates[-1]).sum()
        places = np.indices(tried.shape).reshape(2, -1)
        cells = pd.DataFrame({"campaign_id": places[0], "day": 0, "code": places[1]})
        cells = cells.assign(tried=tried.ravel(), reached=reached.ravel())
        for at, spread in enumerate((0.0, apart(cells))):
            _, low, high = predicted(people, int(tried.sum()), int(reached.sum()), spread)
            held[run, at] = low <= new <= high
    return held.mean(axis=0)


def clustered(generator, runs, people, size=4):
    """Households of `size` who respond together: winners where people are shared out, and where households are."""
    households = 2 * people // size
    responded = generator.random((runs, households)) < BASE
    members = generator.binomial(size, 0.5, (runs, households))
    bases = members.sum(axis=1)
    counts = (members * responded).sum(axis=1)
    total = size * responded.sum(axis=1)
    by_person = different(counts, bases, total - counts, size * households - bases)
    half = households // 2
    first, second = size * responded[:, :half].sum(axis=1), size * responded[:, half:].sum(axis=1)
    by_household = different(first, size * half, second, size * (households - half))
    return by_person.mean(), by_household.mean()


def spread_apart(generator, runs, people, others):
    """Two of an account's campaigns, which lie 15 % apart: called different by chance alone, and by their spread."""
    by_chance = by_spread = 0
    for _ in range(runs):
        rates = BASE * np.exp(generator.normal(0, ASSUMED, others + 2) - ASSUMED**2 / 2)
        counts = generator.binomial(people, rates)
        known = (
            Spread(others, expectation(counts[2:], np.full(others, people)).spread) if others >= 8 else Spread(others)
        )
        at = known.at(counts[:2].sum() / (2 * people))
        pair = Contrast([1, -1], counts[:2], np.array([people, people]), at, at, known.freedom)
        by_chance += bool(different(counts[0], people, counts[1], people))
        by_spread += bool(excludes_zero(*pair.interval()))
    return by_chance / runs, by_spread / runs


def factorial(generator, runs, people, lift):
    """Four arms, two factors, the one with an effect of `lift`: first steps of Holm over three effects, six pairs."""
    levels = {"sender": dict(zip("abcd", "xxyy", strict=True)), "subject": dict(zip("abcd", "1212", strict=True))}
    rates = BASE * np.array([1, lift, 1, lift])
    counts = generator.binomial(people, rates[:, None], (4, runs))
    bases = np.full_like(counts, people)
    found = {
        key: excludes_zero(*Contrast(each, counts, bases).interval(0.05 / 3))
        for key, each in contrasts(levels, "abcd").items()
    }
    pairs = [
        different(counts[one], people, counts[two], people, alpha=0.05 / 6) for one, two in combinations(range(4), 2)
    ]
    subject = next(each for key, each in found.items() if key[0] == ("subject",))
    return np.any([*found.values()], axis=0).mean(), subject.mean(), np.any(pairs, axis=0).mean()


def fair(generator, runs, people):
    """A true effect of a fifth: told apart, and shown to matter."""
    counts = generator.binomial(people, BASE * LIFT, runs), generator.binomial(people, BASE, runs)
    low, high = newcombe(counts[0], people, counts[1], people)
    margin = 0.05 * (counts[0] + counts[1]) / (2 * people)
    covered = (low <= BASE * (LIFT - 1)) & (high >= BASE * (LIFT - 1))
    return (low > 0).mean(), (low >= margin).mean(), covered.mean()


def tables(runs: int, only=None) -> dict[str, list]:
    """The rows of each table, or of those named; each cell draws anew, so that none hangs on another."""
    percent = "{:.1f}".format
    made = {
        "looks": lambda: [
            (
                f"{100 * rate:g} %",
                f"{people:,}",
                arms,
                *map(percent, 100 * np.array(looks(fresh(), runs, arms, rate, people))),
            )
            for rate, people in ((0.005, 2_000), (0.02, 20_000), (0.2, 20_000))
            for arms in (2, 3, 8)
        ],
        "top_ups": lambda: [
            (f"{100 * rate:g} %", f"{people:,}", *within(top_ups(fresh(), 10 * runs, rate, people), 10 * runs))
            for rate, people in ((BASE, 2_000), (BASE, 20_000), (0.2, 20_000))
        ],
        "filtered": lambda: [
            (what, f"{people:,}", *map(percent, 100 * np.array(filtered(fresh(), runs, people, share))))
            for what, share in (("5 % of receipts lost", 0.05), ("40 % refused", 0.4))
            for people in (2_000, 20_000, 100_000)
        ],
        "throttled": lambda: [
            (f"{people:,}", *map(percent, 100 * np.array(throttled(fresh(), runs, people))))
            for people in (2_000, 20_000)
        ],
        "straggling": lambda: [
            (
                f"{100 * rate:g} %",
                f"{people:,}",
                int(stragglers(people)),
                *within([straggling(fresh(), 10 * runs, rate, people)], 10 * runs),
            )
            for rate in (BASE, 0.2)
            for people in (2_000, 20_000, 200_000)
        ],
        "tried_again": lambda: [
            (what, sendings, *map("{:.1f}".format, 100 * tried_again(fresh(), runs // 25, sendings, deviations)))
            for what, deviations in (
                ("none", (0, 0, 0)),
                ("sendings", (0.5, 0, 0)),
                ("codes within a sending", (0, 0, 0.5)),
                ("sendings and codes", (0.4, 0.3, 0.3)),
            )
            for sendings in (5, 10, 30)
        ],
        "clustered": lambda: [
            (f"{people:,}", *map(percent, 100 * np.array(clustered(fresh(), runs // 20, people))))
            for people in (2_000,)
        ],
        "spread": lambda: [
            (f"{people:,}", others, *within(spread_apart(fresh(), times, people, others), times))
            for people in (2_000, 20_000)
            for others, times in ((0, runs), (8, runs // 25), (20, runs // 25))
        ],
        "factorial": lambda: [
            (
                f"{100 * (lift - 1):.0f} %",
                f"{people:,}",
                *map(percent, 100 * np.array(factorial(fresh(), runs, people, lift))),
            )
            for lift, people in ((1.0, 15_000), (1.1, 15_000), (1.15, 10_000))
        ],
        "fair": lambda: [
            (f"{people:,}", *map(percent, 100 * np.array(fair(fresh(), runs, people)))) for people in (5_000, 20_000)
        ],
    }
    return {name: rows() for name, rows in made.items() if only is None or name in only}


def fresh():
    return np.random.default_rng(SEED)


def section(rows: dict[str, list], runs: int) -> str:
    """The half of the page, of `tables`."""
    heads = {
        "looks": ("base rate", "n per arm", "arms", "fixed intervals daily", "as reported"),
        "top_ups": ("base rate", "people added each time", "fixed intervals", "the first look alone", "as reported"),
        "filtered": ("what", "n per arm", "of delivered", "of assigned", "of delivered stopped"),
        "throttled": ("n per arm", "at the campaigns' age", "at the people's age"),
        "straggling": ("base rate", "n per arm", "stragglers", "as reported"),
        "tried_again": ("what lies apart", "earlier sendings", "by chance alone", "as reported"),
        "clustered": ("n per arm", "people shared out", "households shared out"),
        "spread": ("n", "other campaigns known", "by chance alone", "as reported"),
        "factorial": (
            "true effect of the subject",
            "n per arm",
            "any effect named",
            "the subject named",
            "any pair named",
        ),
        "fair": ("n per arm", "higher", "shown to matter", "coverage"),
    }
    shown = {name: table(heads[name], rows[name]) for name in heads}
    return _TEXT.format(**shown, traps=traps.table(), runs=f"{runs:,}", seed=SEED)


def within(shares, runs):
    """Shares of runs in per cent, with the 95 % interval of the simulation."""
    return [f"{100 * share:.2f} ± {196 * np.sqrt(share * (1 - share) / runs):.2f}" for share in shares]


_TEXT = """
## Broken, watched and not randomised

Made by `make calibration` as well; seed {seed}, {runs} runs per cell (one in 25 of them for what could be had back and
where other campaigns are known, in 20 for households). Numbers are per cent of runs in which a winner is named, where
nothing else is said. Base rate 5 % where none is given.

### Daily looks for a week, up to the final age

{looks}

Nothing differs. Wanted: at most 5. *As reported* is the anytime interval on the first six days, then the one fixed
interval at the final age, at the level of Holm's first step; the χ² test of all before it can only take away.

### Three top-ups after a final look

{top_ups}

Nothing differs; four looks, each after as many people more. A campaign whose messages come so long after those before
them that there could have been a final look is watched from then on, at 1 % instead of 5: what the first look leaves
open is so little that all looks together are that one look, within the simulation's error (±, 95 %; ten times as many
runs).

### Lost receipts and refusals, of people who never respond

{filtered}

Nothing differs per person assigned, which is what is judged. *Stopped*: how often the check of unequal delivery stops
the diagnosis of delivered.

### One arm sent over two days, looked at after 24 hours

{throttled}

### Stragglers: a few whose message comes days after the others'

{straggling}

Nothing differs; daily looks for a week, up to the final age. √n ÷ 4 people of a campaign may be younger than the age
compared and are left out, so that one message that was queued for days does not make everybody young. Here all of one
arm's are people who would never have responded, at every look: the worst that can be of them.

### Households of four who respond together

{clustered}

Shared out person by person, they do no harm. Shared out by household they do: what was known of the people beforehand
may show it (the check of balance by e-mail domain), the counts do not. Assign by person.

### What could be had back: does the range hold the truth?

{tried_again}

Coverage, wanted 93 to 97, of the range of how many of 200 people who failed a new sending will reach, after earlier
ones of about 30 people each with three codes, 70 % of whom were reached; deviations of log odds of about a half. *By
chance alone*: as if people were reached or not each by themselves. Where nothing lies apart, or only the codes of a
sending do, the range is wider than it need be: that has to be learnt from few sendings. With fewer than five there is
no range.

### Campaigns that were not randomised and ordinarily lie 15 % apart

{spread}

### Two factors in four arms

{factorial}

The first row has no effect: wanted at most 5. A pair is called different only where an effect is named.

### A fair experiment with a true effect of a fifth

{fair}

### Traps, and what is said of each

20,000 people an arm at 5 % unless another number is given; databases made by tests/metrics/comparison/traps.py.
*Named*: the guards that spoke, and in what the arms differ besides the template.

{traps}
"""
