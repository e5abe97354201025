"""What is held against the people: the figures of what was connected, and those of the reports made from it."""

from sqlalchemy import select

from reportlib.metrics import select_campaigns, summary
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.connect.run import connect_platform
from reportlib.warehouse.contract.tables import measured
from tests.in_process import head_of
from tests.warehouse.connect.population import WEEK, ZONE, Population

TOLD = ("sent", "failed", "opened", "clicked", "replied", "unsubscribed", "complained")


def connected(name, source, folder, **options):
    """The warehouse that the platform was copied into, and what the copying said."""
    to = f"duckdb:///{folder / 'campaigns.duckdb'}"
    said = connect_platform(name, source, to, **{"timezone": ZONE} | options)
    warehouse = open_warehouse(to)
    broken = check_warehouse(warehouse)
    assert broken[broken["severity"] == "breaks"].empty, broken.to_string()
    return warehouse, said


def assert_agrees(warehouse, people: Population, told, channel="email", name=lambda campaign: campaign.name, **columns):
    """The figures of each campaign that the platform can tell (`told`), and these columns, are those of the people;
    what it declares not to tell is empty, and no zero."""
    figures = summary(warehouse)
    by_name = figures[figures["channel"] == channel].set_index("campaign_name")
    declared = warehouse.sql(select(measured.c.channel, measured.c.what, measured.c.is_measured))
    silent = declared.loc[(declared["channel"] == channel) & ~declared["is_measured"].astype(bool), "what"].tolist()
    assert silent
    assert not {*silent} & {*told, *columns}
    for campaign in people.campaigns:
        expected = people.figures(campaign)
        row = by_name.loc[name(campaign)]
        expected |= {column: of(campaign) for column, of in columns.items()}
        for what in (*told, *columns):
            assert row[what] == expected[what], f"{campaign.name}: {what}"
        assert row[silent].isna().all(), f"{campaign.name}: {row[silent].to_dict()}"


def assert_reports_agree(
    warehouse, people: Population, told, ids, name=lambda campaign: campaign.name, metric="clicked"
):
    """A campaign's review, that of a week, and a comparison of two others say the people's figures; `ids` has the
    campaigns' by number. `assert_agrees` asks of each."""
    campaign = people.campaigns[1]
    review = head_of("post_campaign_review", warehouse.address, campaign=str(ids[campaign.number]))
    (row,) = [row for row in review["figures"] if row["channel"] != "all"]
    expected = people.figures(campaign)
    assert {what: row[what] for what in told} == {what: expected[what] for what in told}
    (account,) = select_campaigns(warehouse)["account_id"].unique()
    week = head_of("weekly_review", warehouse.address, account=str(account), week=WEEK)
    assert week["totals"]["sent"] == sum(people.figures(one)["sent"] for one in people.campaigns[1:])
    compared = [str(ids[3]), str(ids[4])]
    comparison = head_of("campaign_comparison", warehouse.address, campaigns=compared, metric=metric)
    verdict = next(verdict for verdict in comparison["verdicts"] if verdict["metric"] == metric)
    shown = {verdict["arm"]: verdict["count"], verdict["baseline"]: verdict["baseline_count"]}
    assert shown == {name(one): people.figures(one)[metric] for one in people.campaigns[2:]}
