"""A comparison says the same on its page, in its JSON and in its export."""

import csv
import json
import re

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.definitions import definition
from reportlib.warehouse import open_warehouse
from tests.in_process import reportlib
from tests.made_reports.conftest import COMPARED

SIDE_BY_SIDE = {
    "Sent, of audience": ("sent", "audience"),
    "Delivered, of audience": ("delivered", "audience"),
    "Failed, of audience": ("failed", "audience"),
    "Opened, of delivered": ("opened_in_base", "engagement_base"),
    "Opened by people, of delivered": ("opened_human_in_base", "engagement_base"),
    "Clicked, of delivered": ("clicked_in_base", "engagement_base"),
    "Replied, of delivered": ("replied_in_base", "engagement_base"),
    "Unsubscribed, of delivered": ("unsubscribed_in_base", "engagement_base"),
    "Complained, of delivered": ("complained_in_base", "engagement_base"),
}


def exported(demo_url, path, campaigns, *options):
    """The rows of `reportlib export comparison`, the primary metric's first."""
    chosen = [argument for campaign in campaigns for argument in ("--campaign", campaign)]
    done = reportlib("export", "comparison", *chosen, *options, "--to", path, database=demo_url)
    assert done.returncode == 0, done.stderr
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def rows(demo_url, tmp_path_factory):
    return exported(demo_url, tmp_path_factory.mktemp("export") / "comparison.csv", COMPARED)


@pytest.fixture(scope="module")
def about(comparison_report):
    return json.loads(comparison_report.with_suffix(".json").read_text())


def test_the_demo_experiment_with_a_true_effect_is_found(rows):
    assert [row["metric"] for row in rows if row["exploratory"] == "False"] == ["clicked"]
    assert (rows[0]["word"], rows[0]["arm"], rows[0]["baseline"]) == ("higher", "Cupom B", "Cupom A")
    assert rows[0]["sentence"].startswith("Clicked: Cupom B is higher than Cupom A by ")
    assert float(rows[0]["low"]) > 0


def test_the_json_says_what_the_export_says(rows, about):
    assert len(rows) == len(about["verdicts"]) == 9
    for row, verdict in zip(rows, about["verdicts"], strict=True):
        assert row["sentence"] == verdict["sentence"]
        assert row["reasons"] == " ".join(reason["text"] for reason in verdict["reasons"])
        for name in set(verdict) - {"sentence", "reasons"}:
            if verdict[name] is None:
                assert row[name] == ""
            elif isinstance(verdict[name], str | bool):
                assert row[name] == str(verdict[name])
            else:
                assert float(row[name]) == pytest.approx(verdict[name], rel=1e-9)


def test_the_page_says_what_the_export_says(rows, comparison_report, opened):
    page = opened(comparison_report)
    (verdict,) = page.locator("main .outcome .said").all()
    said = [verdict, *page.locator("ul.findings li > span:last-child").all()]
    told = [re.sub(r"\s+", " ", item.text_content()).removeprefix("✓ ") for item in said]
    sentences = [row["sentence"] for row in rows]
    assert told[0].startswith("More clicked with Cupom B than with Cupom A: ")
    assert rates_of(told[0]) == rates_of(sentences[0])
    for row in rows[1:]:
        assert row["sentence"] in told or any(rates_of(row["sentence"]) in one for one in told), row["sentence"]


def test_the_index_says_the_verdict(rows, comparison_report, opened):
    line = opened(comparison_report.with_name("index.html")).locator("tr", has_text="Cupom A and Cupom B")
    assert rates_of(rows[0]["sentence"]) in line.inner_text().replace("\u202f", " ")


def rates_of(sentence):
    """ "4.9 % against 3.5 % of assigned"."""
    return re.search(r"[\d.]+ % against [\d.]+ % of \w+", sentence)[0]


def test_the_table_side_by_side_has_the_counts_of_the_metrics(demo_url, comparison_report, opened):
    frame = metrics.comparable(open_warehouse(demo_url), list(COMPARED))
    about = opened(comparison_report).locator(".one-line tbody tr")  # of all assigned; folded, of those delivered
    lines = {line.locator("th").text_content(): line for line in about.all()}
    assert lines["Audience"].locator("td").all_text_contents() == [f"{people:,}" for people in frame["audience"]]
    for label, (count, base) in SIDE_BY_SIDE.items():
        cells = lines[label].locator("td").all_text_contents()
        people = frame[[count, base]].itertuples(index=False, name=None)
        for cell, (counted, of) in zip(cells, people, strict=True):
            if pd.isna(counted):
                assert "%" not in cell
                continue
            assert f"{counted:,} of {of:,}" in cell
            assert float(re.match(r"[\d.]+", cell)[0]) == pytest.approx(100 * counted / of, abs=0.0501)


def test_the_counts_of_the_verdicts_are_those_of_the_metrics(demo_url, rows):
    frame = metrics.comparable(open_warehouse(demo_url), list(COMPARED)).set_index("label")
    for row in rows:
        for side, count, base in (("arm", "count", "base"), ("baseline", "baseline_count", "baseline_base")):
            one = definition(row["metric"])
            people = "audience" if row["base_name"] == "assigned" else one.bases[0]
            told = frame.loc[row[side], [one.counted_of(people), people]]
            assert [row[count], row[base]] == (["", ""] if told.isna().any() else [str(each) for each in told])


def test_the_experiment_without_an_effect_is_not_distinguishable(demo_url, tmp_path):
    first = exported(demo_url, tmp_path / "x.csv", ("subject-line-a", "subject-line-b"))[0]
    assert first["word"] == "not distinguishable"


def test_opens_of_two_channels_are_refused_in_the_export_too(demo_url, tmp_path):
    rows = exported(demo_url, tmp_path / "x.csv", ("newsletter-september", "childrens-day"))
    words = {row["metric"]: row["word"] for row in rows}
    assert words["opened"] == words["opened_human"] == "not comparable"
    assert words["clicked"] != "not comparable"
    opened = next(row["sentence"] for row in rows if row["metric"] == "opened")
    assert "Opened is never compared across channels (e-mail and WhatsApp)" in opened


def test_the_confounded_pair_is_graded_d_with_the_reasons(demo_url):
    pair, warehouse = ("winter-clearance", "evening-test"), open_warehouse(demo_url)
    frame = metrics.comparable(warehouse, pair)
    design = metrics.design(warehouse, frame)
    graded = metrics.comparability(metrics.differences(frame, design), design)
    assert graded.grade == "D"
    assert graded.reasons == (
        "People were not assigned at random.",
        "Changed between them: template, audience, hour, date.",
    )
    assert not metrics.randomised(frame)


@pytest.mark.slow
def test_the_export_takes_what_a_report_takes(demo_url, tmp_path):
    options = ("--margin", "0.03", "--age-hours", "24", "--split", "60", "--split", "40")
    rows = exported(demo_url, tmp_path / "x.csv", COMPARED, *options)
    assert {row["margin"] for row in rows if row["exploratory"] == "False"} == {"3.0"}
    assert rows[0]["word"] == "stopped"  # half and half were sent, which is not what was planned
    older = exported(demo_url, tmp_path / "y.csv", COMPARED, "--age-hours", "1")
    assert int(older[0]["count"]) < int(exported(demo_url, tmp_path / "z.csv", COMPARED)[0]["count"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--campaign", "coupon-a"), "a comparison needs two or more different campaigns, not coupon-a"),
        (("--campaign", "coupon-a", "--campaign", "coupon-a"), "not coupon-a, coupon-a"),
        (("--campaign", "coupon-a", "--campaign", "coupon-b", "--metric", "fun"), "'fun' is no metric to compare"),
        (("--campaign", "coupon-a", "--campaign", "coupon-b", "--baseline", "x"), "the baseline 'x' is not one of"),
    ],
)
def test_mistakes_are_one_line_and_no_file(demo_url, tmp_path, arguments, said):
    done = reportlib("export", "comparison", *arguments, "--to", tmp_path / "x.csv", database=demo_url)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "x.csv").exists()
