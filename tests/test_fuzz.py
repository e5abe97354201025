"""A part of `make fuzz`, the same each time: of every kind of call a few."""

import pytest

from tests.fuzz import BASES, DATABASE, calls, end_of, furnished, run

EVERY = 150  # which is about forty calls; each takes a tenth of a second


def test_some_calls_of_every_kind_end_in_an_answer_or_a_line():
    ends, wrong = run(list(calls())[::EVERY], seconds=120)
    assert not wrong, next(iter(wrong.values()))
    assert ends["told"] > 20


@pytest.mark.slow
def test_good_calls_are_answered_so_that_others_differ_in_one_place():
    good = {call.words: call for call in calls() if not call.file and call.database == DATABASE}
    with furnished():
        bases = [call for call in good.values() if call.words in _bases()]
        ends = {call.words: end_of(call) for call in bases}
    assert len(ends) == len(_bases())
    assert {words: end for words, end in ends.items() if end[0] != "answered"} == {}


def _bases():
    return {(*name.split(), *words) for name, words in BASES.items()}
