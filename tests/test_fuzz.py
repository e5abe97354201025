"""A part of `make fuzz`, the same each time: of every kind of call a few."""

from dataclasses import fields

import pytest

from reportlib.cli import main
from reportlib.metrics.costs.rates import Price
from reportlib.presentation.look.brand import brand
from reportlib.publishing.chat.settings import Chat, NotifySettings
from reportlib.publishing.mail.settings import Mailing, MailSettings
from reportlib.publishing.weekly.edition import Edition
from reportlib.reports import alerts
from reportlib.reports.catalogue import declaration_of, notebooks
from reportlib.suite import suite
from reportlib.warehouse.callbacks.message_table.mapping import Mapping
from tests.fuzz import (
    ALERTS,
    BASES,
    BRAND,
    DATABASE,
    EDITION,
    GOOD_FILES,
    MAPPING,
    OTHER_FILES,
    RATES,
    READ_BY,
    calls,
    commands,
    end_of,
    furnished,
    run,
)

EVERY = 400  # which is about forty calls; each takes a tenth of a second


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


def test_no_command_report_or_line_of_a_file_is_forgotten():
    assert set(BASES) == {name for name, _ in commands(main)}
    assert {name: set(good) for name, good in GOOD_FILES.items()} == {
        name: set(declaration_of(notebook).parameters) for name, (notebook, *_) in notebooks(suite()).items()
    }
    edition, told = OTHER_FILES[EDITION], OTHER_FILES[BRAND]
    (rate,), (alert,) = OTHER_FILES[RATES]["rates"], OTHER_FILES[ALERTS]["alerts"]
    asked = [
        (edition, Edition),
        (edition["mail"], MailSettings),
        (edition["mail"]["mailings"][0], Mailing),
        (edition["notify"], NotifySettings),
        (edition["notify"]["chats"][0], Chat),
        (told, brand._File),
        (told["goals"], brand._Goals),
        (alert, alerts.Asked),
    ]
    for good, model in asked:
        assert set(good) == set(model.model_fields), model
    assert set(rate) == {"from" if one.name == "from_ms" else one.name for one in fields(Price)}
    not_written = {"is_whole", "adapt", "events"}  # `events` makes another kind of table of it
    assert set(OTHER_FILES[MAPPING]) == {one.name for one in fields(Mapping)} - not_written
    assert set(READ_BY) == set(OTHER_FILES)


def _bases():
    return {(*name.split(), *words) for name, good in BASES.items() for words in good}
