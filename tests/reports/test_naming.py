"""What a report's files are called."""

import pytest
from hypothesis import given, strategies as st

from reportlib.reports.naming import APART, file_name, joined


@given(st.one_of(st.text(), st.integers()))
def test_any_id_becomes_a_harmless_name(campaign):
    name = file_name(campaign)
    assert name
    assert len(name) < 100
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(), st.text())
def test_two_ids_have_two_names(one, other):
    assert one == other or file_name(one) != file_name(other)


@pytest.mark.parametrize("plain", ["spring-sale", "2026_w47", "7"])
def test_a_plain_id_is_its_own_name(plain):
    assert file_name(plain) == plain


@pytest.mark.parametrize("awkward", ["../../etc/passwd", "con", "Spring", "a/b", "ação", "", "x" * 300])
def test_an_awkward_id_is_told_apart_by_a_hash(awkward):
    assert file_name(awkward) != awkward


@given(st.lists(st.text(), min_size=2, max_size=2), st.lists(st.text(), min_size=2, max_size=2))
def test_two_pairs_of_ids_have_two_names(one, other):
    names = [APART.join(map(file_name, pair)) for pair in (one, other)]
    assert one == other or names[0] != names[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a-vs-b", "c"], ["a", "b-vs-c"]),
        (["ACME", "b"], ["acme", "b"]),
        (["a", "b"], ["b", "a"]),
        ([1, "b"], [2, "b"]),
    ],
)
def test_two_lists_of_campaigns_have_two_names(one, other):
    assert joined(one, "-vs-") != joined(other, "-vs-")


def test_plain_campaigns_are_joined_by_the_word():
    assert joined(["coupon-a", "coupon-b"], "-vs-") == "coupon-a-vs-coupon-b"
