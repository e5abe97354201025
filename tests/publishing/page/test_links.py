"""Pages lead to each other: to their index, their week, the one before and after, the campaigns they list."""

import re

import pytest

from reportlib.publishing.page.index import write_index
from reportlib.publishing.page.layout import page
from reportlib.reports.record import Record, written

HOSTILE = '<script>alert(1)</script>"'


def put(folder, notebook, subject, started_at=None, **said):
    """A report as it is when it was made: its page without links, and its record."""
    name = f"{notebook}-{subject}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.html").write_text(page(title=name, body=""))
    about = {"title": said.pop("title", subject), "account": "acme", "started_at": started_at} | said
    record = Record.model_validate({"notebook": notebook, "subject": subject, **about})
    (folder / f"{name}.json").write_bytes(written(record))


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    """A week with three reviews and a comparison, and the week before it."""
    output = tmp_path_factory.mktemp("weeks")
    before, now = output / "2026-W45", output / "2026-W46"
    put(before, "weekly_review", "acme-2026-w45", "2026-11-02T00:00:00Z", week="2026-W45", title="Week 45")
    write_index(before)
    ids = ["a", "b", "ü c"]
    for day, campaign in enumerate(ids, 9):
        title = HOSTILE if campaign == "b" else campaign
        put(now, "post_campaign_review", campaign, f"2026-11-{day:02}T09:00:00Z", campaign_ids=[campaign], title=title)
    put(now, "weekly_review", "acme-2026-w46", "2026-11-09T00:00:00Z", week="2026-W46", campaign_ids=ids, title="46")
    put(now, "campaign_comparison", "x", "2026-11-10T09:00:00Z", campaign_ids=["a", "b"], title="a and b")
    put(now, "post_campaign_review", "other", "2026-11-09T10:00:00Z", account="else")
    write_index(output)
    write_index(now)
    return output


def links(file):
    """The addresses that a page leads to beside itself."""
    return set(re.findall(r'<a href="([^"#]+)"><bdi>', file.read_text().partition("<!--links-->")[2]))


def test_a_review_leads_to_index_week_neighbours_and_what_lists_it(weeks):
    found = links(weeks / "2026-W46" / "post_campaign_review-b.html")
    assert found == {
        "index.html",
        "../index.html",
        "weekly_review-acme-2026-w46.html",
        "post_campaign_review-a.html",
        "post_campaign_review-%C3%BC%20c.html",
        "campaign_comparison-x.html",
    }


def test_a_week_leads_to_its_campaigns_and_to_the_weeks_beside_it(weeks):
    found = links(weeks / "2026-W46" / "weekly_review-acme-2026-w46.html")
    assert {"post_campaign_review-a.html", "../2026-W45/weekly_review-acme-2026-w45.html"} <= found
    assert "post_campaign_review-other.html" not in found
    later = links(weeks / "2026-W45" / "weekly_review-acme-2026-w45.html")
    assert "../2026-W46/weekly_review-acme-2026-w46.html" in later  # though it was made before that
    assert links(weeks / "2026-W46" / "index.html") == {"../index.html", "../2026-W45/index.html"}


def test_names_are_text_and_nothing_is_written_that_is_there_already(weeks):
    file = weeks / "2026-W46" / "post_campaign_review-a.html"
    assert "alert(1)" in file.read_text() and "<script" not in file.read_text()
    before = file.stat().st_mtime_ns
    write_index(weeks / "2026-W46")
    assert file.stat().st_mtime_ns == before
    assert links(weeks / "2026-W46" / "post_campaign_review-other.html") == {"index.html", "../index.html"}
