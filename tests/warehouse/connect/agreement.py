"""What is held against the people: the figures of what was connected, and those of the reports made from it."""

import json

from sqlalchemy import select

from reportlib.metrics import summary
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.connect.run import connect_platform
from reportlib.warehouse.contract.tables import measured
from tests.conftest import reportlib
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
    warehouse, people: Population, told, folder, ids, name=lambda campaign: campaign.name, metric="clicked"
):
    """A week's edition and a comparison are made, and say the people's figures; `ids` has the campaigns' by number."""
    (folder / "weekly.yaml").write_text("reports: {weekly_review: {}, post_campaign_review: {}}\n")
    (folder / "compared.yaml").write_text(f"campaigns: ['{ids[3]}', '{ids[4]}']\nmetric: {metric}\n")
    output = folder / "output"
    for command in (
        ("weekly", folder / "weekly.yaml", "--week", WEEK),
        ("run", folder / "compared.yaml", "--notebook", "campaign_comparison"),
    ):
        made = reportlib(*command, "--output", output, database=warehouse.address)
        assert made.returncode == 0, made.stderr
    records = [json.loads(file.read_text()) for file in output.rglob("*.json")]
    of = {
        name: [one for one in records if one["notebook"] == name] for name in ("weekly_review", "campaign_comparison")
    }
    reviews = {one["campaign_id"]: one for one in records if one["notebook"] == "post_campaign_review"}
    for campaign in people.campaigns[1:]:
        (row,) = [row for row in reviews[str(ids[campaign.number])]["figures"] if row["channel"] != "all"]
        expected = people.figures(campaign)
        assert {what: row[what] for what in told} == {what: expected[what] for what in told}
    (week,), (comparison,) = of["weekly_review"], of["campaign_comparison"]
    assert week["totals"]["sent"] == sum(people.figures(one)["sent"] for one in people.campaigns[1:])
    verdict = next(verdict for verdict in comparison["verdicts"] if verdict["metric"] == metric)
    shown = {verdict["arm"]: verdict["count"], verdict["baseline"]: verdict["baseline_count"]}
    assert shown == {name(one): people.figures(one)[metric] for one in people.campaigns[2:]}
