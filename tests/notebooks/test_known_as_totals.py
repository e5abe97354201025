"""Every report on a campaign that is known as totals only, beside one with people: its cells run as they stand."""

import ast
from datetime import timedelta
from functools import partial

import pytest
from click import ClickException
from IPython.lib.pretty import pretty
from sqlalchemy import create_engine

from reportlib import metrics, open_warehouse
from reportlib.cli import main
from reportlib.reports.declaration import read_declaration
from tests import PROJECT, few
from tests.notebooks.test_notebooks import code_cells
from tests.small_database import START, campaign, fill, small_database

TOTALS = "Only <b>totals</b>"
PARAMETERS = {
    "post_campaign_review": {"campaign": "totals"},
    "campaign_comparison": {"campaigns": ["people", "totals"], "breakdowns": ["channel", "country"]},
    "weekly_review": {"account": "acme", "week": "2026-W45"},
    "send_time_heatmap": {"campaigns": ["people", "totals"]},
    "live_monitor": {"campaign": "totals"},
    "exploring": {"campaign": "totals"},
    "campaign_impact": {"experiment": None, "campaigns": ["totals"]},
    "audience_health": {"account": "acme"},
    "what_works": {"account": "acme"},
}
SAID = "known as totals only"
PARTS = {  # how often a report says so, where it has no more than that to say
    "post_campaign_review": 7,
    "campaign_comparison": 2,
    "weekly_review": 1,
    "send_time_heatmap": 1,
    "live_monitor": 2,
    "exploring": 3,
    "campaign_impact": 2,
    "audience_health": 0,
    "what_works": 0,
}


@pytest.fixture
def database(duckdb_url, monkeypatch):
    """The address of a database of one campaign with people and one known as totals."""
    known = small_database(campaign("people", audience=50).sent(50).delivered(45, opened=20, clicked=9).failed(3))
    known.campaign("totals", name=TOTALS)
    known.totals("totals", audience=120, sent=110, delivered=100, failed=7, opened=(40, 66), clicked=30, as_of=START)
    engine = create_engine(duckdb_url)
    fill(engine, known)
    engine.dispose()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    monkeypatch.chdir(PROJECT)
    return duckdb_url


def shown(name) -> str:
    """What the cells of a notebook show with these parameters, as plain text."""
    path, scope, said = PROJECT / "notebooks" / f"{name}.ipynb", {}, []
    declared = read_declaration(path).parameters
    assert PARAMETERS[name].keys() <= declared.keys()
    for cell in code_cells(path):
        body = ast.parse(cell.source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(path), "exec"), scope)
        if "parameters" in cell.metadata.get("tags", []):
            scope |= PARAMETERS[name]
        if last:
            found = eval(compile(ast.Expression(last.value), str(path), "eval"), scope)
            said.append(getattr(found, "description", None) or pretty(found))
    return "\n".join(map(str, said))


@pytest.mark.parametrize("name", few(PARAMETERS, 4))
def test_each_report_has_it(database, name):
    text = shown(name)
    assert text.lower().count(SAID) >= PARTS[name], text
    if name in ("post_campaign_review", "campaign_comparison", "weekly_review"):
        assert TOTALS in text and "30.0" in text  # clicked, of 100 delivered


def test_each_export_has_it(database, tmp_path, capsys):
    def export(what, *more):
        chosen = ["--campaign", "totals", "--campaign", "people", "--to", str(tmp_path / f"{what}.csv")]
        main(["export", what, *chosen, *more], standalone_mode=False)
        return capsys.readouterr().out, (tmp_path / f"{what}.csv").read_text()

    _, rows = export("summary")
    whole = metrics.summary(open_warehouse(), "totals").iloc[-1]
    assert (whole.clicked, whole.clicked_pct_of_delivered, whole.failed) == (30, 30, 7)
    assert f"totals,{TOTALS},completed,all,120,10,110,100,7," in rows
    said, rows = export("detailed")
    assert f"{TOTALS}: {SAID}" in said and rows.count("\n") == 51
    _, rows = export("comparison")
    assert SAID in rows and "30" in rows


@pytest.mark.parametrize(("arms", "assigned"), [("A", False), ("AB", False), ("A", True)])
def test_the_export_of_impact_has_it(arms, assigned, duckdb_url, tmp_path, monkeypatch, capsys):
    """An arm whose people nobody lists is none, and that is said; where assignments list them, they are one."""
    known = small_database(*[campaign(name, experiment_id="x", variant=name).sent(9).delivered(9) for name in arms])
    known.campaign("totals", name=TOTALS, experiment_id="x", variant="C")
    known.totals("totals", audience=120, sent=110)
    people = [row["contact_id"] for row in known.contacts]
    if assigned:
        known.assigned("x", "A", "A", people[:4])
        known.assigned("x", "C", "totals", people[4:])
    known.outcome(people[0])
    known.outcome(people[-1], at=START + timedelta(days=8))  # when everybody's window is over
    engine = create_engine(duckdb_url)
    fill(engine, known)
    engine.dispose()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    to = tmp_path / "impact.csv"
    export = partial(main, ["export", "impact", "--experiment", "x", "--to", str(to)], standalone_mode=False)
    if arms == "A" and not assigned:
        with pytest.raises(ClickException, match=f"one arm of people only.*{TOTALS} is {SAID}"):
            export()
        return
    export()
    assert (f"{TOTALS}: {SAID}" in capsys.readouterr().out) is not assigned
    assert f"x,{'C' if assigned else 'B'},A,order,people," in to.read_text()


def test_every_notebook_is_among_them():
    assert {path.stem for path in (PROJECT / "notebooks").glob("[a-z]*.ipynb")} == set(PARAMETERS)
