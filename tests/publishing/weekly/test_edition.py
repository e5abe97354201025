"""An edition's file, and the reports that it means in a week."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reportlib.errors import InvalidParameters
from reportlib.metrics.weekly.iso_week import Week
from reportlib.publishing.weekly.edition import edition_week, planned, read_edition
from reportlib.reports.naming import file_name
from tests import PROJECT
from tests.small_database import SmallDatabase, fill, in_memory_engine

W44, W45 = Week(2026, 44), Week(2026, 45)
IN_44, IN_45 = datetime(2026, 10, 28, 12, tzinfo=UTC), datetime(2026, 11, 4, 12, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)  # Monday in Berlin, still Sunday in São Paulo


@pytest.fixture
def database():
    database = SmallDatabase()
    database.account("acme", "America/Sao_Paulo")
    database.account("beta", "Europe/Berlin")
    for campaign, columns in {
        "old": {"completed_at": IN_44},
        "x-a": {"completed_at": IN_44, "experiment_id": "x", "variant": "A"},
        "x-b": {"completed_at": IN_45, "experiment_id": "x", "variant": "B"},
        "y-a": {"completed_at": IN_45, "experiment_id": "y"},
        "y-b": {"status": "sending", "experiment_id": "y"},
        "late": {"completed_at": SUNDAY_NIGHT},
        "planned": {"status": "scheduled"},
    }.items():
        database.campaign(campaign, start=IN_44, **columns)
    database.campaign("spät", account="beta", start=IN_44, completed_at=SUNDAY_NIGHT)
    database.contact("ann")
    database.message("old", "ann", at=IN_44)
    return database


@pytest.fixture
def declared(tmp_path):
    """A function that writes an edition's file and reads it."""

    def read(text="{}"):
        file = tmp_path / "weekly.yaml"
        file.write_text(text)
        return read_edition(file)

    return read


def reports(edition, database, week, output=Path("nowhere"), file=Path("weekly.yaml")):
    return planned(edition, file, fill(in_memory_engine(), database), week, output)


@pytest.fixture
def of_suite(declared, database, tmp_path):
    """A function that gives the reports of an edition of the suite that `quick_notebook` writes to."""
    return lambda text, week: reports(declared(text), database, week, file=tmp_path / "weekly.yaml")


def asked(found, notebook, parameter):
    return [report.parameters[parameter] for report in found if report.notebook.stem == notebook]


def test_a_campaign_is_reviewed_in_the_week_it_finished_in_on_its_accounts_clock(declared, database):
    assert asked(reports(declared(), database, W44), "post_campaign_review", "campaign") == ["late", "old", "x-a"]
    assert asked(reports(declared(), database, W45), "post_campaign_review", "campaign") == ["x-b", "y-a", "spät"]


def test_an_experiment_is_compared_in_the_week_its_last_campaign_finished_in(declared, database):
    assert asked(reports(declared(), database, W44), "campaign_comparison", "campaigns") == []
    found = reports(declared(), database, W45)
    assert asked(found, "campaign_comparison", "campaigns") == [["x-a", "x-b"]]
    assert [report.subject for report in found if report.notebook.stem == "campaign_comparison"] == ["x"]


def test_it_is_compared_once_more_in_the_week_in_which_it_reaches_its_final_age(declared, database):
    assert asked(reports(declared(), database, Week(2026, 46)), "campaign_comparison", "campaigns") == [["x-a", "x-b"]]
    assert asked(reports(declared(), database, Week(2026, 47)), "campaign_comparison", "campaigns") == []


def test_each_account_has_its_week_and_its_map_of_all_so_far(declared, database):
    found = reports(declared(), database, W44)
    assert asked(found, "weekly_review", "account") == ["acme", "beta"]
    assert asked(found, "weekly_review", "week") == ["2026-W44", "2026-W44"]
    assert asked(found, "send_time_heatmap", "campaigns") == [["late", "old", "x-a"]]  # beta has none yet
    later = reports(declared(), database, W45)
    assert [sorted(ids) for ids in asked(later, "send_time_heatmap", "campaigns")] == [
        ["late", "old", "x-a", "x-b", "y-a"],
        ["spät"],
    ]


def test_a_quiet_week_still_has_its_review(declared, database):
    found = reports(declared("accounts: [beta]"), database, Week(2026, 40))
    assert [report.notebook.stem for report in found] == ["weekly_review"]


def test_only_what_the_file_names_with_what_it_says(declared, database):
    edition = declared("accounts: [beta]\nreports: {post_campaign_review: {top_groups: 3}}")
    (report,) = reports(edition, database, W45)
    assert (report.parameters["campaign"], report.parameters["top_groups"]) == ("spät", 3)


def test_ids_that_are_numbers_stay_numbers(declared):
    database = SmallDatabase()
    database.account(7)
    database.campaign(42, account=7, completed_at=IN_44)
    found = reports(declared("accounts: [7]"), database, W44)
    assert asked(found, "post_campaign_review", "campaign") == [42]
    assert asked(found, "weekly_review", "account") == [7]


def test_the_last_week_is_the_one_that_is_over_on_every_clock(declared, database):
    for moment, week in {
        datetime(2026, 11, 9, 2, 59, tzinfo=UTC): "2026-W44",  # Monday in Berlin, Sunday in São Paulo
        datetime(2026, 11, 9, 3, 0, tzinfo=UTC): "2026-W45",
    }.items():
        database.opened_at = moment
        assert str(edition_week("last", fill(in_memory_engine(), database), declared())) == week


def test_an_account_on_no_clock_is_left_to_its_own_report(declared, database):
    database.accounts[1]["timezone"] = "Mars/Olympus"
    found = reports(declared(), database, W45)
    assert asked(found, "weekly_review", "account") == ["acme", "beta"]
    assert asked(found, "post_campaign_review", "campaign") == ["x-b", "y-a"]
    assert edition_week("last", fill(in_memory_engine(), database), declared())


def test_the_last_weekly_review_before_this_one_is_what_is_restated(declared, database, tmp_path):
    for week, about in {
        "2026-W42": {"account_id": "acme"},
        "2026-W43": {"account_id": "acme", "failure": {"name": "ValueError", "message": "no luck"}},
        "2026-W45": {"account_id": "acme"},
    }.items():
        (tmp_path / week).mkdir()
        (tmp_path / week / f"weekly_review-acme-{week.lower()}.json").write_text(
            json.dumps({"notebook": "weekly_review", "subject": "acme", **about})
        )
    (tmp_path / "2026-W43" / "weekly_review-torn.json").write_text("{")
    assert asked(reports(declared(), database, W44, tmp_path), "weekly_review", "earlier") == [
        str(tmp_path / "2026-W42" / "weekly_review-acme-2026-w42.json"),
        None,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accouts: [a]", "accouts: there is no such parameter, did you mean 'accounts'?"),
        ("reports: {weekly_reviw: {}}", "there is no report 'weekly_reviw', did you mean 'weekly_review'?"),
        ("reports: {weekly_review: {}, weekly_review: {}}", "reports.weekly_review: is given twice"),
        ("accounts: []", "accounts: should be a list with something in it"),
        ("accounts: [007]", "accounts: YAML reads 007 as 7"),
        ("time_limit_s: 1", "time_limit_s: should be greater than or equal to 10"),
        ("mail: {}", "mail.mailings: is missing"),
        ("mail: {mailings: [{too: [a@b.c], about: weekly_review}]}", "mail.mailings.1.too: there is no such parameter"),
        ("mail: {mailings: [{to: [ab.c], about: weekly_review}]}", "mail.mailings.1.to: 'ab.c' is no mail address"),
        (
            "mail: {mailings: [{to: [a@b.c], about: weekly_reviw}]}",
            "makes no 'weekly_reviw', did you mean 'weekly_review'",
        ),
        ("- a", "holds no parameters"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(declared, text, said):
    with pytest.raises(InvalidParameters) as raised:
        declared(text)
    assert said in str(raised.value)
    assert "weekly.yaml: " in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reports: {post_campaign_review: {top_grups: 3}}", "top_grups: there is no such parameter"),
        ("reports: {post_campaign_review: {timezone: Mars}}", "reports.post_campaign_review.timezone: 'Mars' is not"),
        ("accounts: [acmee]", "no account 'acmee' has a campaign, did you mean 'acme'?"),
    ],
)
def test_a_mistake_that_concerns_a_notebook_stops_all_before_anything_runs(declared, database, text, said):
    with pytest.raises(InvalidParameters, match=said.replace("?", r"\?")):
        reports(declared(text), database, W45)


def test_the_projects_own_edition_is_sound(database):
    edition = read_edition(PROJECT / "parameters" / "weekly.yaml")
    assert len(reports(edition, database, W45)) == 12  # 3 reviews, 1 comparison, and 4 of each account


def test_what_a_report_is_made_from_tells_what_changed(declared, database):
    def marks():
        found = reports(declared(), database, W45)
        return {(report.notebook.stem, report.subject): report.made_from for report in found}

    database.message("x-a", "ann", at=IN_45 + timedelta(hours=1))  # the last moment of the data stays the same
    before = marks()
    assert marks() == before
    database.message("x-b", "ann", at=IN_45)
    after = marks()
    changed = {report for report in after if after[report] != before[report]}
    assert changed == {
        ("weekly_review", "acme-2026-w45"),
        ("post_campaign_review", "x-b"),
        ("campaign_comparison", "x"),
        ("send_time_heatmap", "acme"),
        ("audience_health", "acme"),
        ("what_works", "acme"),
    }
    assert {name for report in changed for name in before[report] if before[report][name] != after[report][name]} == {
        "data"
    }


def test_more_accounts_are_no_more_questions(declared):
    edition, asked = declared("reports: {weekly_review: {}, post_campaign_review: {}, send_time_heatmap: {}}"), []
    for accounts in (2, 12):
        database = SmallDatabase()
        for number in range(accounts):
            database.account(f"a{number}")
            database.campaign(f"c{number}", account=f"a{number}", start=IN_44, completed_at=IN_44)
            database.contact(f"p{number}")
            database.message(f"c{number}", f"p{number}", at=IN_44)
        warehouse = fill(in_memory_engine(), database)
        assert len(planned(edition, Path("weekly.yaml"), warehouse, W44, Path("nowhere"))) == 3 * accounts
        asked.append(len(warehouse.asked))
    assert asked[0] == asked[1]


def test_who_is_in_a_campaign_twice_counts(declared, database):
    edition = declared("accounts: [acme]\nreports: {post_campaign_review: {}}")
    database.message("old", "ann", at=IN_44, status="queued")  # her second, which must not undo her first
    before = reports(edition, database, W44)
    database.contacts[0].update(country="BR")
    changed = [
        one.made_from != other.made_from for one, other in zip(before, reports(edition, database, W44), strict=True)
    ]
    assert [report.subject for report, is_changed in zip(before, changed, strict=True) if is_changed] == ["old"]


def test_values_that_change_places_are_seen(declared, database):
    edition = declared("accounts: [acme]\nreports: {post_campaign_review: {}}")
    database.message("old", "ben", at=IN_44, status="queued")
    for contact, plan in {"ann": "pro", "ben": "free"}.items():
        database.contact_attributes.append({"contact_id": contact, "attribute": "plan", "value": plan})
    before = [report.made_from["data"] for report in reports(edition, database, W44) if report.subject == "old"]
    for attribute, plan in zip(database.contact_attributes, ("free", "pro"), strict=True):
        attribute["value"] = plan
    assert before != [report.made_from["data"] for report in reports(edition, database, W44) if report.subject == "old"]


@pytest.mark.parametrize(
    "change",
    [
        lambda database: database.contacts[0].update(country="BR"),
        lambda database: database.messages[0].update(failure_reason="x"),
        lambda database: database.accounts[0].update(name="Other"),
        lambda database: database.contact_attributes.append({"contact_id": "ann", "attribute": "plan", "value": "pro"}),
        lambda database: database.event(database.messages[0], "clicked"),
        lambda database: database.event(database.messages[0], "replied"),
    ],
)
def test_any_change_of_what_a_report_reads_is_seen(declared, database, change):
    edition = declared("accounts: [acme]\nreports: {post_campaign_review: {}}")
    database.message("old", "ben", at=IN_44, status="queued")  # the last moment of the data stays the same
    before = reports(edition, database, W44)
    change(database)
    after = reports(edition, database, W44)
    of_old = [at for at, report in enumerate(before) if report.subject == "old"]
    assert [before[at].made_from["data"] != after[at].made_from["data"] for at in of_old] == [True]


def test_other_campaigns_data_do_not_make_an_old_review_new(declared, database):
    edition = declared("accounts: [beta]\nreports: {post_campaign_review: {}}")
    database.contact("bea", account="beta")
    database.message("spät", "bea", at=SUNDAY_NIGHT)
    database.message("old", "ann", at=SUNDAY_NIGHT + timedelta(days=9))
    (before,) = reports(edition, database, W45)
    database.message("old", "ann", at=SUNDAY_NIGHT + timedelta(days=12))
    (after,) = reports(edition, database, W45)
    assert before == after


def called(found):
    return [report.name for report in found]


def test_a_report_of_ones_own_is_made_for_each_of_what_its_kinds_say(of_suite, quick_notebook):
    quick_notebook(name="mine", parameters="campaign: Campaign = ''\ntop: Between[1, 9] = 3")
    quick_notebook(name="of_account", parameters="account: Account = ''\nweek: Week = 'last'")
    quick_notebook(name="of_arms", parameters="arms: ComparedCampaigns = []")
    quick_notebook(name="of_all", parameters="top: int = 3\nweek: Week = 'last'")
    found = of_suite("reports: {mine: {top: 5}, of_account: , of_arms: , of_all: {top: 1}}", W45)
    names = ["mine-x-b", "mine-y-a", "of_account-acme-2026-w45", "of_arms-acme--x"]
    names += [f"mine-{file_name('spät')}", "of_account-beta-2026-w45", "of_all-2026-w45"]
    assert called(found) == names
    assert [report.parameters["top"] for report in found if "campaign" in report.parameters] == [5, 5, 5]
    assert found[-1].parameters == {"top": 1, "week": "2026-W45"}


def test_one_for_every_two_weeks_is_about_both(of_suite, quick_notebook):
    quick_notebook(name="mine", parameters="campaign: Campaign = ''")
    edition = "accounts: [acme]\nreports: {mine: {every: 2}}"
    asked_in = {week: called(of_suite(edition, week)) for week in (W44, W45)}
    assert sorted(map(len, asked_in.values())) == [0, max(map(len, asked_in.values()))]
    (due,) = [week for week, found in asked_in.items() if found]
    both = {f"mine-{name}" for name in ("late", "old", "x-a", *(("x-b", "y-a") if due == W45 else ()))}
    assert set(asked_in[due]) == both


def test_the_metadata_say_what_plain_parameters_cannot(of_suite, quick_notebook, tmp_path):
    quick_notebook(name="mine", parameters="campaign = 'a'")
    assert called(of_suite("reports: {mine: {}}", W45)) == ["mine-a"]
    found = of_suite("accounts: [acme]\nreports: {mine: {for_each: campaign}}", W45)
    assert called(found) == ["mine-x-b", "mine-y-a"]
    path = tmp_path / "notebooks" / "mine.ipynb"
    held = json.loads(path.read_text())
    held["metadata"]["reportlib"] = {"for_each": "campaign"}
    path.write_text(json.dumps(held))
    assert called(of_suite("accounts: [acme]\nreports: {mine: {}}", W45)) == called(found)


@pytest.mark.parametrize(
    ("said_of_it", "said"),
    [
        ("{for_each: account}", "mine cannot be made for each account: it has no parameter of the kind Account or"),
        ("{for_each: week}", "reports.mine.for_each: should be 'campaign', 'experiment', 'account' or 'once'"),
        ("{every: 0}", "reports.mine.every: should be greater than or equal to 1, not 0"),
        ("{every: often}", "reports.mine.every: should be a whole number, not 'often'"),
    ],
)
def test_what_cannot_be_repeated_so_is_said(declared, quick_notebook, said_of_it, said):
    quick_notebook(name="mine", parameters="campaign: Campaign = ''")
    with pytest.raises(InvalidParameters) as raised:
        declared(f"reports: {{mine: {said_of_it}}}")
    assert said in str(raised.value)


def test_a_notebook_that_declares_nothing_stops_the_edition(declared, quick_notebook):
    quick_notebook(name="mine", parameters="campaign: Campain = ''")
    with pytest.raises(InvalidParameters, match=r"reports\.mine: .*mine\.ipynb: campaign: there is no kind 'Campain'"):
        declared("reports: {mine: {}}")
