"""Cells that follow a choice, in a real kernel: what they run, what they show and where, and what is not run."""

import pytest

from tests.presentation.workbench.front_end import start

PICK = "from reportlib import pick\npick(number=[1, 2, 3, 4], word=['a', 'b'])"
UP_TO_DATE = "Up to date."


@pytest.fixture(scope="module")
def front_end():
    """One kernel for all tests here: a kernel starts in two seconds."""
    manager, page = start()
    yield page
    manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(front_end):
    """A page with controls for `number` and `word`, the cell of the parameters run, and no other cell known."""
    old = [cell for cell in front_end.outputs if cell]
    front_end.outputs.clear()
    front_end.run("pick", PICK, deleted=old)
    front_end.run("parameters", "number = 1\nword = 'a'\nran = []")
    return front_end


def choose(notebook, number):
    notebook.choose("Number", index=number - 1)
    notebook.wait_for(UP_TO_DATE)


def test_nothing_is_shown_or_imported_where_nobody_looks_on(front_end):
    front_end.run(None, PICK)
    assert front_end.outputs[None] == []
    front_end.run(None, "import sys; print('ipywidgets' in sys.modules, 'reportlib.metrics' in sys.modules)")
    assert front_end.texts(None) == ["False False\n"]


def test_a_choice_is_set_and_every_other_cell_shows_it_where_it_stood(notebook):
    notebook.run("result", "ran.append('result'); number * 10")
    notebook.run("both", "print('printed', number)\ndisplay(number + 100)\nnumber + 200")
    before = [output.get("execution_count") for output in notebook.outputs["both"]]
    choose(notebook, 3)
    assert notebook.texts("result") == ["30"]
    assert notebook.texts("both") == ["printed 3\n", "103", "203"]
    assert [output.get("execution_count") for output in notebook.outputs["both"]] == before
    notebook.run("asked", "print(number, word, ran)")
    assert notebook.texts("asked") == ["3 a ['result', 'result']\n"]


def test_the_analysts_own_cells_and_edits_follow_in_their_order(notebook):
    notebook.run("first", "ran.append('first')")
    notebook.run("second", "ran.append('second')")
    notebook.run("added", "ran.append(f'added {number}'); ran[-1]")
    notebook.run("first", "ran.append('first, edited')")
    notebook.run("awaiting", "import asyncio; await asyncio.sleep(0); number")
    notebook.run("asked", "ran[-3:]")
    choose(notebook, 2)
    assert notebook.texts("asked") == ["['first, edited', 'second', 'added 2']"]
    assert notebook.texts("awaiting") == ["2"]


def test_a_cell_that_shows_nothing_any_more_is_cleared(notebook):
    notebook.run("sometimes", "if number == 1: print('one')")
    assert notebook.texts("sometimes") == ["one\n"]
    choose(notebook, 2)
    assert notebook.texts("sometimes") == []
    choose(notebook, 1)
    assert notebook.texts("sometimes") == ["one\n"]


def test_an_error_shows_in_one_line_in_its_cell_and_those_below_show_nothing_old(notebook):
    notebook.run("above", "number")
    notebook.run("checked", "from reportlib.errors import UnknownCampaign\nif number == 2: raise UnknownCampaign('no')")
    notebook.run("below", "number")
    notebook.choose("Number", index=1)
    notebook.wait_for("Stopped at an error")
    assert notebook.texts("above") == ["2"]
    assert notebook.texts("checked") == ["UnknownCampaign: no"]
    assert notebook.texts("below") == ["Not updated: a cell above has an error."]
    choose(notebook, 3)
    assert notebook.texts("checked") == []
    assert notebook.texts("below") == ["3"]


def test_of_quick_choices_the_last_counts(notebook):
    notebook.run("slow", "import time; time.sleep(0.2); ran.append(number)")
    notebook.run("last", "ran[1:]")
    for number in (2, 3, 2, 4):
        notebook.choose("Number", index=number - 1)
    notebook.wait_for(UP_TO_DATE)
    assert notebook.texts("last") == ["[4]"]
    notebook.choose("Number", index=1)
    notebook.settle(0.35)  # while the slow cell runs
    notebook.choose("Word", index=1)
    notebook.wait_for(UP_TO_DATE)
    notebook.run("asked", "number, word, ran[2:]")
    assert notebook.texts("asked") == ["(2, 'b', [2, 2])"]


def test_the_cell_of_the_parameters_moves_the_controls_and_keeps_its_say(notebook):
    notebook.run("parameters", "number = 7  # none of those that can be chosen\nword = 'b'\nran = []")
    (shown,) = [model for model in notebook.models.values() if model.get("description") == "Number"]
    assert shown["_options_labels"][shown["index"]].strip("\u2068\u2069") == "7"
    notebook.run("result", "number")
    choose(notebook, 3)  # in the third place is 2 now
    assert notebook.texts("result") == ["2"]
    assert "<code>number = 2</code>" in notebook.status


def test_a_deleted_cell_is_not_run(notebook):
    notebook.run("gone", "ran.append('gone')")
    notebook.run("result", "ran", deleted=["gone"])
    choose(notebook, 2)
    assert notebook.texts("result") == ["['gone']"]


def test_a_page_loaded_anew_is_told_to_run_its_cells(notebook):
    notebook.run("result", "number")
    session = notebook._client.session
    before, session.session = session.session, "another page"
    notebook.choose("Number", index=1)
    notebook.wait_for("This page was loaded anew")
    session.session = before
    assert notebook.texts("result") == ["1"]


def test_a_cell_that_takes_long_says_so_until_it_shows_something(notebook):
    quicker = "progress.AFTER_S = 0.1; progress.EVERY_S = 0.1"
    notebook.run("quick", f"from reportlib.presentation.workbench import progress; {quicker}")
    seen = []
    hear = notebook._hear
    notebook._hear = lambda message: (hear(message), seen.extend(notebook.texts("long")))
    notebook.outputs["long"] = []
    notebook.run("long", "import time; time.sleep(0.4); number")
    assert {text.split(" …")[0] for text in seen} == {"Running", "1"}
    assert notebook.texts("long") == ["1"]
    notebook.run("long", "time.sleep(0.4)")
    assert notebook.texts("long") == []
    del seen[:]
    notebook.run("long", "print('early'); time.sleep(0.4)")
    assert set(seen) == {"early\n"}
    notebook._hear = hear


def test_a_question_that_takes_long_leaves_no_widget_of_duckdbs(front_end):
    front_end.run("asked", "from reportlib.warehouse.connection import connect; engine = connect('duckdb:///:memory:')")
    select = "select current_setting('enable_progress_bar')"
    front_end.run("asked", f'with engine.connect() as one: print(one.exec_driver_sql("{select}").scalar())')
    assert front_end.texts("asked") == ["False\n"]
