"""Checks of an experiment's design: on counts by hand, and the error rate of each where nothing is wrong."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from reportlib.metrics.comparison.design import checks
from reportlib.metrics.comparison.design.balance import balance
from reportlib.metrics.statistics.multiplicity import same_shares_p


def arms(*rows):
    """Arms A, B, ... as `comparable` has them, each (assigned, messaged, handed over)."""
    frame = pd.DataFrame(rows, columns=["assigned", "messaged", "handed_over"])
    return frame.assign(label=list("ABCDEFGH"[: len(rows)]))


@pytest.mark.parametrize(
    ("sizes", "split", "stops"),
    [
        ((821_588, 815_482), (1, 1), True),  # Fabijan et al. 2019
        ((821_588, 815_482), (821_588, 815_482), False),
        ((5_170, 4_830), (1, 1), True),  # p .0007
        ((5_160, 4_840), (1, 1), False),  # p .0014
        ((1_000, 9_000), (1, 1), True),
        ((1_000, 9_000), (10, 90), False),
    ],
)
def test_sizes_are_those_planned(sizes, split, stops):
    found = checks.sample_ratio(arms(*((size,) * 3 for size in sizes)), split)
    assert (found is not None) is stops
    assert found is None or ("people assigned" in found.text and found.effect == "stopped")


def test_a_declared_size_hides_nobody():
    """The same size was declared for both; 4,070 people of one never got a message."""
    found = checks.sample_ratio(arms((20_000, 20_000, 20_000), (20_000, 15_930, 15_930)), (1, 1))
    assert "people with a message: A 20,000 and B 15,930" in found.text


def test_the_test_of_shares_is_pearsons():
    table = [[30, 40, 50], [20, 45, 70]]
    assert same_shares_p(table) == pytest.approx(scipy.stats.chi2_contingency(table, correction=False).pvalue)


def known(generator, people, covariates=6, groups=4):
    """The people of two arms by covariates that have nothing to do with the arms."""
    rows = []
    for name in range(covariates):
        shares = generator.dirichlet(np.full(groups, 2.0))
        for campaign in "ab":
            counts = generator.multinomial(people, shares)
            rows += [(f"covariate {name}", f"value {at}", campaign, int(n)) for at, n in enumerate(counts)]
    return pd.DataFrame(rows, columns=["covariate", "value", "campaign_id", "people"])


@pytest.mark.slow
def test_arms_of_one_kind_are_hardly_ever_called_unbalanced():
    generator = np.random.default_rng(21)
    p_values = [balance(known(generator, 2_000))[0] for _ in range(200)]
    assert np.mean(np.array(p_values) < 0.05) < 0.1
    assert np.mean(np.array(p_values) < checks.ALARM) < 0.01


def test_the_worst_is_named():
    frame = known(np.random.default_rng(1), 2_000)
    moved = (frame["covariate"] == "covariate 3") & (frame["value"] == "value 0") & (frame["campaign_id"] == "a")
    frame.loc[moved, "people"] += 400
    found = checks.unbalanced(*balance(frame))
    assert "they differ most by covariate 3" in found.text
    assert found.effect == "stopped"


@pytest.mark.parametrize(
    ("values", "told"),
    [({"x": (0, 500), "y": (500, 0)}, 0.0), ({"x": (2, 1), "y": (1, 2)}, 1.0), ({"x": (500, 500)}, 1.0), ({}, 1.0)],
)
def test_rare_values_and_single_ones_tell_nothing(values, told):
    rows = [("country", value, arm, n) for value, pair in values.items() for arm, n in zip("ab", pair, strict=True)]
    frame = pd.DataFrame(rows, columns=["covariate", "value", "campaign_id", "people"])
    assert balance(frame)[0] == pytest.approx(told, abs=1e-9)


def delivered(*rows):
    columns = ["audience", "delivered", "failed", "pending", "delivered_implied"]
    return pd.DataFrame(rows, columns=columns).assign(label=list("ABC"[: len(rows)]))


def test_unequal_delivery_names_what_differs():
    assert checks.unequal_delivery(delivered((10_000, 9_500, 300, 200, 0), (10_000, 9_480, 310, 210, 0))) is None
    found = checks.unequal_delivery(delivered((10_000, 9_500, 300, 200, 0), (10_000, 9_000, 800, 200, 0)))
    assert "delivered, of people assigned: A 95.0 % and B 90.0 %" in found.text
    assert "delivery may be the cause" in found.text
    implied = checks.unequal_delivery(delivered((10_000, 9_500, 300, 200, 0), (10_000, 9_500, 300, 200, 90)))
    assert "by a response only" in implied.text


def test_mixed_arms_are_told():
    assert checks.contaminated(0, 0, 0) is None
    found = checks.contaminated(12, 0, 3)
    assert "12 have a message of more than one arm and 3 have a message of an arm to which" in found.text
