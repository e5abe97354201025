"""What a notebook declares of its report, read from its text; and what is said of one that declares none."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from reportlib.errors import InvalidParameters
from reportlib.reports.catalogue import declaration_of, declared, notebooks
from reportlib.reports.declaration import read_declaration
from reportlib.reports.kinds import KINDS, kind_of
from tests import PROJECT

IMPORTS = "from typing import Optional\nfrom reportlib import Account, Between, Campaign, Choice, TimeZone, Week"


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook whose cell of parameters has this source."""

    def write(source, name="mine", before=IMPORTS, tagged=1, **metadata):
        cells = [new_markdown_cell("Text\n\n# My own\n"), new_code_cell(before)]
        cells += [new_code_cell(source, metadata={"tags": ["parameters"]}) for _ in range(tagged)]
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        (tmp_path / "parameters").mkdir(exist_ok=True)
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        made = new_notebook(cells=cells)
        made.metadata.update(metadata)
        nbformat.write(made, path)
        return path

    return write


def test_each_parameter_has_its_kind_default_and_comment(notebook):
    found = read_declaration(
        notebook(
            'campaign: Campaign = "a"  # which campaign\n\n'
            "timezone: Optional[TimeZone] = None\n"
            "top: Between[1, 50] = 8  # groups\n"
            "lists = [\n    1,\n    -2.5,\n]  # of numbers\n"
            'note: str = "a # b"  # said\n'
        )
    )
    assert (found.name, found.title, found.for_each) == ("mine", "My own", "campaign")
    assert [(one.name, one.default, one.says) for one in found.parameters.values()] == [
        ("campaign", "a", "which campaign"),
        ("timezone", None, ""),
        ("top", 8, "groups"),
        ("lists", [1, -2.5], "of numbers"),
        ("note", "a # b", "said"),
    ]
    assert [one.kind.name if one.kind else None for one in found.parameters.values()] == [
        "campaign",
        "time zone",
        "range",
        None,
        None,
    ]


def test_kinds_are_known_by_the_names_they_are_imported_by_and_made_by(notebook):
    before = (
        "%matplotlib inline\nfrom reportlib import Campaign as C, Choice\nSize = Choice['small', 'large']\nx = f(1)"
    )
    found = read_declaration(notebook("one: C = 'a'\nsize: Size = 'small'", before=before))
    assert [one.kind.name for one in found.parameters.values()] == ["campaign", "choice"]
    with pytest.raises(InvalidParameters, match="size: its default should be 'small' or 'large', not 'huge'"):
        read_declaration(notebook("size: Size = 'huge'", before=before))


@pytest.mark.parametrize(
    ("source", "metadata", "for_each"),
    [
        ("campaign: Campaign = 'a'", {}, "campaign"),
        ("account: Account = 'a'\nweek: Week = 'last'", {}, "account"),
        ("top: int = 1", {}, "once"),
        ("campaign = 'a'", {}, "once"),
        ("campaign = 'a'", {"reportlib": {"for_each": "campaign"}}, "campaign"),
    ],
)
def test_what_it_is_made_for_each_of_follows_from_the_kinds_or_stands_in_the_metadata(
    notebook, source, metadata, for_each
):
    assert read_declaration(notebook(source, **metadata)).for_each == for_each


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("campaign: Campain = 'a'", "campaign: there is no kind 'Campain', did you mean 'Campaign'?"),
        ("by: Groupings = []", "by: the kind Groupings is not imported: write `from reportlib import Groupings` into"),
        ("top: Between[1, 50] = 90", "top: its default should be less than or equal to 50, not 90"),
        ("campaign: Campaign = None", "campaign: its default should be text or a whole number, not empty"),
        ("top: Between['a'] = 1", "top: Between['a'] is no kind"),
        ("top: 'Campaign' = 1", "top: 'Campaign' is no kind: write a name, or a name with […]"),
        ("top: int | None = 1", "top: int | None is no kind: write a name, or a name with […]"),
        ("import os\ntop = 1", "its cell of parameters has code, `import os` (line 1)"),
        ("top = len('abc')", "its cell of parameters has code, `top = len('abc')` (line 1)"),
        ("a, b = 1, 2", "its cell of parameters has code, `a, b = (1, 2)` (line 1)"),
        ("top: int", "its cell of parameters has code, `top: int` (line 1)"),
        ("top = {1, 2}", "its cell of parameters has code"),
        ("top = 1\ntop = 2", "top: is given twice in the cell of parameters"),
        ("every: int = 2", "every: an edition keeps this name for itself"),
        ("top = (", "its cell of parameters is no Python, at line 1"),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_in_a_line(notebook, source, said):
    path = notebook(source)
    with pytest.raises(InvalidParameters) as raised:
        read_declaration(path)
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"{path}: {said}")


def test_all_that_is_wrong_is_said_at_once(notebook):
    with pytest.raises(InvalidParameters) as raised:
        read_declaration(notebook("a: Nothing = 1\nb = f()\nc: int = 'x'", name="my-report"))
    assert len(str(raised.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("tagged", "said"),
    [(0, "has no cell tagged `parameters`"), (2, "has 2 cells tagged `parameters`, the cells 3 and 4")],
)
def test_a_notebook_has_one_cell_of_parameters(notebook, tagged, said):
    with pytest.raises(InvalidParameters, match=said):
        read_declaration(notebook("a = 1", tagged=tagged))


@pytest.mark.parametrize(("name", "better"), [("my-report", "my_report"), ("2026", "report_2026"), ("é", "my_report")])
def test_a_name_is_an_identifier(notebook, name, better):
    with pytest.raises(
        InvalidParameters, match=f"cannot be a report's name, of letters, digits and _: call it {better}$"
    ):
        read_declaration(notebook("a = 1", name=name))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"cells": 1}'])
def test_what_is_no_notebook_is_said(tmp_path, content):
    (tmp_path / "mine.ipynb").write_bytes(content)
    with pytest.raises(InvalidParameters, match=r"mine\.ipynb: is no notebook"):
        read_declaration(tmp_path / "mine.ipynb")


def test_two_notebooks_of_one_name_are_told_apart_by_nobody(notebook):
    path = notebook("a = 1")
    other = path.parent / "deeper" / "Mine.ipynb"
    other.parent.mkdir()
    path.with_name("other.ipynb").write_bytes(path.read_bytes())
    assert declaration_of(path)
    other.write_bytes(path.read_bytes())
    with pytest.raises(InvalidParameters, match=r"two notebooks are called mine, notebooks/deeper/Mine\.ipynb and"):
        declaration_of(path)
    with pytest.raises(InvalidParameters, match="two notebooks are called mine"):
        declared("mine", path)


def test_what_jupyter_leaves_is_no_report(notebook):
    path = notebook("a = 1")
    left = path.parent / ".ipynb_checkpoints" / "mine-checkpoint.ipynb"
    left.parent.mkdir()
    left.write_bytes(path.read_bytes())
    assert list(notebooks(path.parents[1])) == ["mine"]


def test_a_name_that_is_none_is_said_with_the_nearest(notebook):
    with pytest.raises(InvalidParameters, match="there is no report 'mien', did you mean 'mine'"):
        declared("mien", notebook("a = 1"))


def test_the_docs_name_every_kind_with_what_it_is():
    text = (PROJECT / "docs" / "your_own_report.md").read_text(encoding="utf-8")
    for name, annotation in KINDS.items():
        kind = kind_of(annotation)
        assert f"| `{name}` | {kind.says} |" in text if kind else f"`{name}" in text
