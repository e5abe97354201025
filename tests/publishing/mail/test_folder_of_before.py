"""A folder of the version before, whose reports and mails were called by their place among others.

It was made by that version, and its pages and notebooks emptied since: two accounts, ACME and acme, each with an
experiment of the same id.
"""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reportlib.metrics import Week
from reportlib.publishing.batch.order import Making
from reportlib.publishing.mail.ledger import SENT, Ledger
from reportlib.publishing.page.index import write_index
from reportlib.publishing.store.files import append_lines
from reportlib.publishing.weekly.edition import planned, read_edition
from reportlib.publishing.weekly.renaming import take_over
from reportlib.publishing.weekly.run import Posting, plan_edition, run_weekly
from reportlib.reports.earlier import earlier_review
from reportlib.reports.record import VERSION, read_record
from reportlib.warehouse import open_warehouse
from tests.publishing.conftest import WEEKLY
from tests.publishing.weekly.test_run import Said
from tests.small_database import START, SmallDatabase, fill

BEFORE = Path(__file__).with_name("folder_of_before")
WEEK = "2026-W45"
ACCOUNTS = ("acme-a8308e8e", "acme")  # as files have them
EDITION = """reports: {weekly_review: {}, post_campaign_review: {}, campaign_comparison: {}, send_time_heatmap: {}}
mail:
  mailings:
    - {about: weekly_review, to: [ana@example.com], charts: 0, attach: []}
    - {about: campaign_comparison, to: [ana@example.com], charts: 0, attach: []}
    - {about: send_time_heatmap, to: [ana@example.com], charts: 0, attach: []}
    - {about: post_campaign_review, to: [bob@example.com], charts: 0, attach: []}
"""
NAMES = {  # now: then
    "weekly_review-acme-a8308e8e-2026-w45": "weekly_review-acme-2026-w45-weekly-old-1",
    "weekly_review-acme-2026-w45": "weekly_review-acme-2026-w45-weekly-old-6",
    "campaign_comparison-acme-a8308e8e--coupon": "campaign_comparison-coupon-weekly-old-4",
    "campaign_comparison-acme--coupon": "campaign_comparison-coupon-weekly-old-9",
    "send_time_heatmap-acme-a8308e8e": "send_time_heatmap-acme-a8308e8e",
    "send_time_heatmap-acme": "send_time_heatmap-acme",
    **{name: name for name in (f"post_campaign_review-{one}" for one in ("u-a", "u-b", "l-a", "l-b"))},
}


def database_of(*accounts):
    held, end = SmallDatabase(), {"completed_at": START + timedelta(hours=2)}
    for account in accounts:
        held.account(account, "America/Sao_Paulo")
        for variant in "AB":
            campaign = f"{'u' if account.isupper() else 'l'}-{variant.lower()}"
            held.campaign(campaign, account=account, start=START, experiment_id="coupon", variant=variant, **end)
            for number in range(3):
                held.contact(f"{campaign}{number}", account=account)
                held.message(campaign, f"{campaign}{number}", at=START)
    return held


@pytest.fixture
def output(tmp_path, duckdb_url, monkeypatch):
    """A copy of the folder, with its database at CAMPAIGN_DATABASE_URL."""
    engine = create_engine(duckdb_url)
    fill(engine, database_of("ACME", "acme"))
    engine.dispose()
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", duckdb_url)
    return Path(shutil.copytree(BEFORE, tmp_path / "out"))


@pytest.fixture
def edition(tmp_path):
    file = tmp_path / "weekly.yaml"
    file.write_text(EDITION)
    return read_edition(file), file


@pytest.fixture
def quick_notebooks(quick_notebook):
    """Notebooks that show nothing, with the parameters of the real ones."""
    for name, parameters in {
        "weekly_review": WEEKLY,
        "post_campaign_review": "campaign: Campaign = ''",
        "campaign_comparison": "campaigns: ComparedCampaigns = []",
        "send_time_heatmap": "campaigns: Campaigns = []",
    }.items():
        quick_notebook("1 + 1", name=name, parameters=parameters)


def stems(folder, kind="json"):
    return {file.stem for file in folder.glob(f"*.{kind}")}


def plan_now(edition, output):
    plan = plan_edition(*edition, WEEK, output)
    return plan, {step.page.stem: step.report for step in plan.steps}


def test_nothing_is_mailed_again_and_each_report_keeps_one_page(output, edition, quick_notebooks, server):
    said = Said()
    assert run_weekly(*edition, WEEK, output, Making(jobs=2), posting=Posting(mail=True), watch=said)
    assert server.recipients() == []
    assert len(said.results) == 10
    for kind in ("json", "html", "ipynb"):
        assert stems(output / WEEK, kind) - {"index"} == set(NAMES)
    assert {read_record(output / WEEK / f"{name}.json").version for name in NAMES} == {VERSION}


def test_the_old_reports_are_listed_with_their_figures(output):
    index = write_index(output / WEEK).read_text()
    assert all(f'href="{name}.html"' in index for name in NAMES.values())
    assert "could not be read" not in index
    for caption in ("Weekly reviews.", "The newest campaign first.", "Comparisons, the primary", "Send times."):
        assert caption in index
    assert "2 campaigns, 6 reached, too young to be judged" in write_index(output).read_text()


def test_the_next_week_restates_the_old_reviews(output, edition):
    reports = planned(*edition, open_warehouse(), Week(2026, 46), output)
    asked = {one.parameters["account"]: one.parameters["earlier"] for one in reports if "earlier" in one.parameters}
    assert {Path(path).stem for path in asked.values()} == {NAMES[f"weekly_review-{one}-2026-w45"] for one in ACCOUNTS}
    for account, path in asked.items():
        review = earlier_review(path)
        assert (review.account_id, str(review.week), len(review.snapshot)) == (account, WEEK, 4)


def test_files_and_mails_have_the_names_of_now_whatever_ends_it(output, edition, monkeypatch):
    _, reports = plan_now(edition, output)
    folder, renames = output / WEEK, 0
    real = Path.replace

    def one_more(path, to):
        nonlocal renames
        renames += 1
        if renames % 2 == 0:
            raise KeyboardInterrupt
        return real(path, to)

    monkeypatch.setattr(Path, "replace", one_more)
    for _ in range(100):
        try:
            take_over(folder, reports)
            break
        except KeyboardInterrupt:
            continue
    assert {name: about(folder, name) for name in NAMES} == {
        name: about(BEFORE / WEEK, then) for name, then in NAMES.items()
    }
    assert stems(folder) == stems(folder, "html") == stems(folder, "ipynb") == set(NAMES)
    ledger = Ledger(folder)
    for name, then in NAMES.items():
        to = "bob@example.com" if "post_campaign" in name else "ana@example.com"
        assert ledger.state(name, to) == SENT
        assert ledger.first_name(name) == then
        assert name == then or ledger.state(then, to) is None


def about(folder, name):
    return json.loads((folder / f"{name}.json").read_text())["parameters"]


def test_one_accounts_mail_does_not_count_for_another_that_now_has_its_old_name(output, edition):
    """ACME was alone when its review was made and mailed as …-acme-2026-w45, which is acme's name now."""
    folder = output / WEEK
    for file in folder.iterdir():
        if file.name.startswith("weekly_review-acme-2026-w45-weekly-old-1"):
            file.rename(folder / file.name.replace("-weekly-old-1", ""))
        elif "-old-6" in file.name:
            file.unlink()
    lines = (folder / "mail.jsonl").read_text()
    (folder / "mail.jsonl").write_text(
        re.sub("-weekly-old-1", "", "\n".join(line for line in lines.splitlines() if "-old-6" not in line) + "\n")
    )
    _, reports = plan_now(edition, output)
    take_over(folder, reports)
    ledger = Ledger(folder)
    assert ledger.state("weekly_review-acme-a8308e8e-2026-w45", "ana@example.com") == SENT
    assert ledger.state("weekly_review-acme-2026-w45", "ana@example.com") is None
    assert about(folder, "weekly_review-acme-a8308e8e-2026-w45")["account"] == "ACME"
    append_lines(folder / "mail.jsonl", [{"report": "weekly_review-acme-2026-w45", "to": "x", "state": SENT}])
    take_over(folder, reports)
    assert Ledger(folder).state("weekly_review-acme-2026-w45", "x") == SENT


def test_one_account_more_changes_no_name(output, edition, duckdb_url):
    _, both = plan_now(edition, output)
    engine = create_engine(duckdb_url)
    fill(engine, database_of("acme"))
    engine.dispose()
    _, one = plan_now(edition, output)
    assert set(one) < set(both) == set(NAMES)
    assert all(one[name].subject == both[name].subject for name in one)
