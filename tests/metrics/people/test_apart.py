"""Groups that stand apart: the right one, and by luck alone hardly ever."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from reportlib.metrics import groups_apart


def groups_of(*rows):
    frame = pd.DataFrame(rows, columns=["dimension", "group", "audience", "delivered", "clicked_in_base"])
    return frame.assign(engagement_base=frame["delivered"], delivery_measured=True, channels="email")


def test_only_the_group_that_differs_is_named_not_those_that_it_was_mixed_with():
    found = groups_apart(
        groups_of(
            ("carrier", "Oi", 1000, 700, 42), ("carrier", "Vivo", 5000, 4800, 288), ("carrier", "TIM", 4000, 3840, 230)
        )
    ).set_index("group")
    assert found["delivered_apart"].to_dict() == {"Oi": True, "Vivo": False, "TIM": False}
    assert not found["clicked_apart"].any()
    assert found.loc["Oi", "delivered_others"] == pytest.approx(8640 / 9000)
    assert found.loc["Vivo", "delivered_others"] == pytest.approx(3840 / 4000)  # of those left


def test_of_two_groups_the_smaller_one_is_named():
    found = groups_apart(groups_of(("plan", "free", 9000, 8500, 500), ("plan", "pro", 1000, 800, 50)))
    assert found["delivered_apart"].tolist() == [False, True]


@pytest.mark.parametrize(("few", "apart"), [(3, True), (7, False)])
def test_few_people_are_told_apart_where_fishers_test_does_at_the_level_of_all_questions(few, apart):
    """Two groups, two metrics: four questions at 5 %, so each is asked at 1.25 %."""
    found = groups_apart(groups_of(("plan", "a", 20, few, 0), ("plan", "b", 20, 15, 0)))
    p_value = fisher_exact([[few, 20 - few], [15, 5]]).pvalue
    assert (p_value <= 0.05 / 4) == apart
    assert found["delivered_apart"].any() == apart


def test_one_group_alone_and_nobody_are_not_asked_about():
    found = groups_apart(
        groups_of(("plan", "free", 100, 90, 0), ("country", "BR", 100, 90, 5), ("country", "DE", 0, 0, 0))
    )
    assert not found["delivered_apart"].any()
    assert np.isnan(found.loc[0, "delivered_others"])


@pytest.mark.slow
def test_where_all_groups_are_alike_one_is_named_in_at_most_one_campaign_of_twenty():
    draw, runs, named = np.random.default_rng(7), 200, 0
    sizes = [4000, 2500, 1500, 800, 300, 90]
    for _ in range(runs):
        delivered = draw.binomial(sizes, 0.94)
        clicked = draw.binomial(delivered, 0.05)
        rows = [("carrier", str(at), *row) for at, row in enumerate(zip(sizes, delivered, clicked, strict=True))]
        found = groups_apart(groups_of(*rows))
        named += bool(found[["delivered_apart", "clicked_apart"]].to_numpy().any())
    assert named / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5
