"""The demo agrees with its plan, and replaces nothing but a demo."""

import math
import re
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from reportlib.errors import WarehouseError
from reportlib.metrics.failures.catalogue import UNKNOWN, meaning, read_catalogue
from reportlib.warehouse.check.check import check_warehouse
from reportlib.warehouse.check.columns import references
from reportlib.warehouse.connection import open_warehouse
from reportlib.warehouse.contract.tables import TABLES
from reportlib.warehouse.demo import build as module, gateways, make_demo, outcomes
from reportlib.warehouse.demo.plan import PLAN
from reportlib.warehouse.demo.rows import ADDED, campaign_rows

MESSAGES = 20_000
PLANNED = {campaign.campaign_id: campaign for campaign in PLAN.campaigns}
UNCONFIRMED = [name for name, campaign in PLANNED.items() if campaign.without_receipt]
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "demo.md"

SETTLED = datetime(2026, 10, 15)  # what was sent before it is old enough for every answer to have come


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    make_demo(f"duckdb:///{path}", MESSAGES)
    return path


@pytest.fixture(scope="module")
def demo(demo_file):
    with duckdb.connect(str(demo_file), read_only=True) as database:
        yield lambda query: database.execute(query).fetchall()


@pytest.fixture(scope="module")
def delivered(demo_file):
    """Delivered messages old enough for every answer to have come, with the multiplier of their hour of sending."""
    with duckdb.connect(str(demo_file), read_only=True) as database:
        frame = database.execute(
            """SELECT m.*, c.account_id, coalesce(c.timezone, a.timezone) AS zone,
                bool_or(kind = 'opened' AND is_machine IS NOT true) AS opened,
                bool_or(kind = 'clicked' AND is_machine IS NOT true AND event_id NOT LIKE '%g_') AS clicked,
                bool_or(kind = 'replied') AS replied, bool_or(kind = 'unsubscribed') AS unsubscribed
            FROM messages m JOIN contacts c USING (contact_id) JOIN accounts a USING (account_id)
            LEFT JOIN events e USING (message_id)
            WHERE status = 'delivered' AND sent_at < ? AND m.campaign_id NOT IN (SELECT unnest(?)) GROUP BY ALL""",
            [SETTLED, UNCONFIRMED],
        ).df()
    for zone, rows in frame.groupby("zone"):
        hours = rows["sent_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.hour
        frame.loc[rows.index, "multiplier"] = np.array(PLAN.hour_multiplier)[hours]
    kinds = ["opened", "clicked", "replied", "unsubscribed"]
    frame[kinds] = frame[kinds].astype("boolean").fillna(False).astype(bool)
    return frame


def checksums(path) -> dict:
    with duckdb.connect(str(path), read_only=True) as database:
        return {t: database.execute(f"SELECT bit_xor(hash(t)), count(*) FROM {t} t").fetchone() for t in TABLES}


def within_four_sigma(observed: int, chances) -> bool:
    chances = np.asarray(chances)
    return abs(observed - chances.sum()) <= 4 * math.sqrt((chances * (1 - chances)).sum()) + 1


def test_a_seed_means_one_demo(demo_file, tmp_path):
    make_demo(f"duckdb:///{tmp_path / 'again.duckdb'}", MESSAGES)
    make_demo(f"duckdb:///{tmp_path / 'other.duckdb'}", MESSAGES, seed=2)
    assert checksums(tmp_path / "again.duckdb") == checksums(demo_file)
    other = checksums(tmp_path / "other.duckdb")
    assert all(other[name] != checksums(demo_file)[name] for name in ("contacts", "messages", "events"))


def test_it_has_about_as_many_messages_as_asked_for_and_says_so(demo_file, tmp_path):
    rows = make_demo(f"duckdb:///{tmp_path / 'small.duckdb'}", 1_000)
    assert rows == {name: count for name, (_, count) in checksums(tmp_path / "small.duckdb").items()}
    added, asked = (
        sum(one.share for one in PLAN.campaigns if one.is_sent and (one in ADDED) == is_in) for is_in in (True, False)
    )
    assert checksums(demo_file)["messages"][1] == pytest.approx(MESSAGES * (1 + added / asked), rel=0.02)


def test_it_keeps_the_contract_but_for_the_early_events_and_money_given_back(demo_file):
    warehouse = open_warehouse(f"duckdb:///{demo_file}")
    findings = check_warehouse(warehouse)
    warehouse.engine.dispose()  # or nobody else may open the file
    early = sum(campaign.early_events for campaign in PLAN.campaigns)
    with duckdb.connect(str(demo_file), read_only=True) as database:
        ((given_back,),) = database.execute("SELECT count(*) FROM outcomes WHERE outcome_id LIKE '%-back'").fetchall()
    assert sorted(zip(findings.problem, findings["count"], strict=True)) == [
        ("occurred before the message was sent", early),
        ("value is below 0", given_back),
    ]


def test_every_reference_leads_somewhere(demo):
    for column, referred in references():
        orphans = f"""SELECT count(*) FROM {column.table.name} WHERE {column.name} IS NOT NULL
            AND {column.name} NOT IN (SELECT {referred.name} FROM {referred.table.name})"""
        assert demo(orphans) == [(0,)], column


def test_keys_are_unique(demo):
    for table in TABLES.values():
        key = ", ".join(column.name for column in table.columns if column.info.get("key"))
        assert demo(f"SELECT count(*) - count(DISTINCT ({key})) FROM {table.name}") == [(0,)], table.name


def test_sixteen_whole_weeks_and_nothing_after(demo):
    times = [
        (t, c.name) for t in TABLES for c in TABLES[t].columns if c.name.endswith("_at") and c.name != "scheduled_at"
    ]
    for table, column in times:
        assert demo(f"SELECT max({column}) <= TIMESTAMP '{PLAN.as_of}' FROM {table}") != [(False,)], (table, column)
    weeks = demo(
        "SELECT count(DISTINCT date_trunc('week', started_at)), min(date_trunc('week', started_at)) FROM campaigns"
    )
    assert PLAN.first_day.weekday() == 0
    assert weeks[0][1] == PLAN.first_day and weeks[0][0] >= 14
    assert (PLAN.as_of - PLAN.first_day).days == 16 * 7 - 1


def test_campaigns_agree_with_their_messages(demo):
    assert (
        demo(
            """SELECT campaign_id FROM campaigns c JOIN (
            SELECT campaign_id, min(queued_at) AS first, max(coalesce(sent_at, queued_at)) AS last
            FROM messages GROUP BY ALL
        ) USING (campaign_id)
        WHERE first <> started_at OR (status <> 'sending' AND last <> completed_at) OR completed_at < started_at"""
        )
        == []
    )
    long = demo("SELECT campaign_id FROM campaigns WHERE completed_at - started_at > INTERVAL 5 HOURS")
    assert long == [("loyalty-move",)]


def test_every_campaign_of_the_plan_is_there_and_the_unsent_have_no_messages(demo):
    found = dict(demo("SELECT campaign_id, status FROM campaigns"))
    assert found == {campaign.campaign_id: campaign.status for campaign in PLAN.campaigns}
    assert len(found) >= 26 and {"draft", "scheduled", "cancelled", "sending", "sent", "completed"} == set(
        found.values()
    )
    messaged = {campaign for (campaign,) in demo("SELECT DISTINCT campaign_id FROM messages")}
    assert messaged == {name for name, campaign in PLANNED.items() if campaign.is_sent}
    totalled = {campaign for (campaign,) in demo("SELECT DISTINCT campaign_id FROM campaign_totals")}
    assert totalled == {name for name, campaign in PLANNED.items() if campaign.totals} != set()


def test_channels_are_those_of_the_plan(demo):
    found = dict(demo("SELECT campaign_id, list(DISTINCT channel) FROM messages GROUP BY ALL"))
    for campaign in PLAN.campaigns:
        if campaign.is_sent:
            expected = {choice.value for choice in campaign.channels} | ({campaign.fallback} - {None})
            assert set(found[campaign.campaign_id]) == expected
    assert {frozenset(channels) for channels in found.values()} >= {
        frozenset(only) for only in (("whatsapp",), ("sms",), ("email",), ("whatsapp", "sms", "email"))
    }


def test_only_a_failed_whatsapp_message_has_a_second_one(demo):
    first = demo(
        """SELECT campaign_id, bool_and(status = 'failed' OR channel = 'sms'), count(*) = 2,
            max(queued_at) FILTER (channel = 'sms') > max(failed_at) FILTER (channel = 'whatsapp')
        FROM messages WHERE message_id NOT LIKE '%d' GROUP BY campaign_id, contact_id HAVING count(*) > 1"""
    )
    assert set(first) == {("delivery-notice", True, True, True)}


def test_people_order_anyway_and_only_coupons_cause_more(demo):
    people = dict(demo("SELECT account_id, count(*) FROM contacts GROUP BY ALL"))
    usual = dict(
        demo(
            """SELECT account_id, count(*) FROM outcomes JOIN contacts USING (contact_id)
            WHERE kind = 'order' AND value > 0 AND outcome_id NOT LIKE '%coupon%' GROUP BY ALL"""
        )
    )
    for account, rate in outcomes.ORDERED.items():
        assert usual[account] == pytest.approx(people[account] * rate * outcomes.WEEKS, rel=0.1)
    assigned = dict(demo("SELECT campaign_id, count(*) FROM assignments WHERE campaign_id IS NOT NULL GROUP BY ALL"))
    for campaign, rate in outcomes.CAUSED.items():
        ((caused,),) = demo(f"SELECT count(*) FROM outcomes WHERE value > 0 AND outcome_id LIKE '%-{campaign}'")
        assert within_four_sigma(caused, np.full(assigned[campaign], rate))
    assert {row[0] for row in demo("SELECT campaign_id FROM outcomes")} == {None}


USED = [
    (account, channel)
    for account in PLAN.accounts
    for channel in ("whatsapp", "sms", "email")
    if any(
        campaign.account_id == account.account_id and channel in {choice.value for choice in campaign.channels}
        for campaign in PLAN.campaigns
        if campaign.start < SETTLED and not campaign.without_receipt
    )
]


@pytest.mark.parametrize(("account", "channel"), USED, ids=lambda value: getattr(value, "account_id", value))
def test_observed_rates_are_those_of_the_plan(delivered, account, channel):
    true = next(row for row in account.channels if row.channel == channel)
    rows = delivered[(delivered.account_id == account.account_id) & (delivered.channel == channel)]
    appeal = rows.campaign_id.map(lambda name: PLANNED[name].appeal) * rows.multiplier
    clicked = rows.campaign_id.map(lambda name: PLANNED[name].clicked or true.clicked)
    readable = 1 - PLAN.receipts_off if channel == "whatsapp" else 1
    assert len(rows) > 50
    assert within_four_sigma(rows.opened.sum(), true.opened * readable * appeal)
    assert within_four_sigma(rows.clicked.sum(), clicked * appeal)
    assert within_four_sigma(rows.replied.sum(), true.replied * appeal)
    assert within_four_sigma(rows.unsubscribed.sum(), 0 * appeal + true.unsubscribed)


@pytest.mark.parametrize("variant", ["coupon-a", "coupon-b", "subject-line-a", "subject-line-b"])
def test_an_arm_clicks_as_planned_whatever_the_hour(delivered, variant):
    rows = delivered[delivered.campaign_id == variant]
    assert (rows.multiplier == 1).all()
    assert within_four_sigma(rows.clicked.sum(), np.full(len(rows), PLANNED[variant].clicked))


def test_the_coupon_experiment_has_eighty_percent_power_by_default():
    a, b = PLANNED["coupon-a"].clicked, PLANNED["coupon-b"].clicked
    arm = next(r["people"] for r in campaign_rows(200_000, {"acai": 30_000}) if r["campaign_id"] == "coupon-b") * 0.94
    assert (a, b) == (0.04, 0.055) and PLANNED["subject-line-a"].clicked == PLANNED["subject-line-b"].clicked
    assert (b - a) / math.sqrt((a * (1 - a) + b * (1 - b)) / arm) > 1.96 + 0.842


def test_arms_share_nobody(demo):
    assert (
        demo(
            """SELECT experiment_id, contact_id FROM messages JOIN campaigns USING (campaign_id)
        WHERE experiment_id IS NOT NULL GROUP BY ALL HAVING count(DISTINCT campaign_id) > 1"""
        )
        == []
    )


def test_seven_in_the_evening_is_the_best_hour_and_the_morning_the_usual_one(demo):
    assert max(range(24), key=PLAN.hour_multiplier.__getitem__) == 19
    hours = dict(
        demo(
            """SELECT hour(timezone(coalesce(c.timezone, a.timezone), timezone('UTC', sent_at))), count(*)
            FROM messages JOIN contacts c USING (contact_id) JOIN accounts a USING (account_id)
            WHERE sent_at IS NOT NULL GROUP BY ALL"""
        )
    )
    assert sum(hours[hour] for hour in (9, 10, 11)) > sum(hours.values()) / 2
    assert hours[19] > 0


def test_nobody_answers_at_night_and_some_answer_weeks_later(demo):
    assert demo(
        """SELECT count(*) FROM events JOIN messages USING (message_id) JOIN contacts c USING (contact_id)
        JOIN accounts a USING (account_id) WHERE is_machine IS NOT true AND occurred_at >= sent_at
        AND hour(timezone(coalesce(c.timezone, a.timezone), timezone('UTC', occurred_at))) < 7"""
    ) == [(0,)]
    assert demo(
        """SELECT count(*) > 0 FROM events JOIN messages USING (message_id)
        WHERE kind = 'clicked' AND occurred_at > delivered_at + INTERVAL 7 DAYS"""
    ) == [(True,)]


def test_machines_open_minutes_after_delivery_and_only_email(demo):
    found = demo(
        """SELECT kind, channel, max(occurred_at - delivered_at) < INTERVAL 31 MINUTES, count(*) > 10
        FROM events JOIN messages USING (message_id) WHERE is_machine GROUP BY ALL ORDER BY ALL"""
    )
    assert found == [("clicked", "email", True, True), ("opened", "email", True, True)]


def test_failures_have_every_permanence_and_a_code_of_no_catalogue(demo):
    catalogue = read_catalogue()
    rows = demo("SELECT DISTINCT channel, provider, failure_code, failure_reason FROM messages WHERE status = 'failed'")
    meanings = {code: meaning(catalogue, channel, provider, code, reason) for channel, provider, code, reason in rows}
    assert {m.permanence for m in meanings.values()} == {"permanent", "transient", "fixable", "unknown"}
    assert [code for code, m in meanings.items() if m is UNKNOWN] == ["139901"]
    planned, rare = ({failure.code for failure in found} for found in (PLAN.failures, gateways.FAILURES))
    assert planned - rare <= set(meanings) <= planned  # of a hundred messages none may have failed


def test_a_carrier_rejects_and_a_paused_template_reaches_nobody(demo):
    rejected, sms = demo(
        """SELECT count(*) FILTER (failure_code = '30007'), count(*) FROM messages JOIN contacts USING (contact_id)
        WHERE channel = 'sms' AND carrier = 'Oi' AND status <> 'queued'"""
    )[0]
    assert within_four_sigma(rejected, np.full(sms, 0.85))
    paused = demo("SELECT DISTINCT status, failure_code FROM messages WHERE campaign_id = 'paused-template'")
    assert paused == [("failed", "132015")] and PLANNED["paused-template"].status == "completed"


def test_messages_that_hang(demo):
    states = demo("SELECT status, count(*) FROM messages WHERE campaign_id = 'black-friday-preview' GROUP BY ALL")
    assert {"queued", "sent", "delivered"} <= {status for status, _ in states}
    assert demo("SELECT DISTINCT campaign_id FROM messages WHERE status = 'queued'") == [("black-friday-preview",)]
    old = f"status = 'sent' AND sent_at < TIMESTAMP '{PLAN.as_of}' - INTERVAL 72 HOURS"
    assert demo(f"SELECT count(*) FROM messages WHERE {old}")[0][0] > 50
    late = demo(
        f"""SELECT DISTINCT messages.campaign_id FROM messages JOIN events USING (message_id)
        WHERE {old} AND kind = 'clicked'"""
    )
    assert {campaign for (campaign,) in late} == set(UNCONFIRMED)


def test_the_last_week_has_four_finished_campaigns_of_an_account_one_of_them_bad(demo):
    finished = demo(
        """SELECT campaign_id, mean((messages.status = 'failed')::INT) > 0.3
        FROM messages JOIN campaigns USING (campaign_id)
        WHERE account_id = 'acai' AND campaigns.status = 'sent' AND started_at >= TIMESTAMP '2026-11-09' GROUP BY ALL"""
    )
    assert len(finished) == 4 and [name for name, is_bad in finished if is_bad] == ["free-shipping"]


def test_sizes(demo):
    sizes = dict(
        demo(
            """SELECT campaign_id, (audience_size, count(DISTINCT contact_id))
            FROM campaigns JOIN messages USING (campaign_id) GROUP BY campaign_id, audience_size"""
        )
    )
    larger = {name for name, (declared, messaged) in sizes.items() if declared > messaged}
    assert larger == {"newsletter-september", "new-prices"} and sizes["vip-dinner"] == (40, 40)


def test_replies_by_email_are_captured_in_one_account_only(demo):
    assert demo(
        """SELECT DISTINCT account_id FROM events JOIN messages USING (message_id) JOIN contacts USING (contact_id)
        WHERE kind = 'replied' AND channel = 'email'"""
    ) == [("buecher",)]


def test_what_the_small_accounts_cannot_tell(demo):
    found = demo(
        """SELECT campaign_id, count(DISTINCT message_id) / any_value(audience_size),
            mean((m.status = 'delivered')::INT),
            count(*) FILTER (kind = 'opened') > 0, count(*) FILTER (kind = 'clicked') > 0
        FROM messages m JOIN campaigns c USING (campaign_id) LEFT JOIN events e USING (message_id)
        WHERE account_id IN ('clube', 'wasserwerk') GROUP BY ALL"""
    )
    sent, receipts, opens, clicks = ({row[0]: row[n] for row in found} for n in range(1, 5))
    assert {name for name, share in sent.items() if share < 1} == {"new-prices"} and 0.4 < sent["new-prices"] < 0.6
    assert receipts["trail-letter"] == 0 and 0.5 < receipts["main-repair"] < 0.8
    assert [name for name, seen in opens.items() if seen] == ["trail-letter"] and all(clicks.values())


def test_contacts_are_uneven(demo):
    for column in ("country", "language", "carrier", "email_domain", "timezone"):
        values, missing = demo(f"SELECT count(DISTINCT {column}), count(*) - count({column}) FROM contacts")[0]
        assert values >= 3 and missing > 0, column
    shares = dict(
        demo("SELECT attribute, count(*) / (SELECT count(*) FROM contacts) FROM contact_attributes GROUP BY ALL")
    )
    assert set(shares) == {"plan", "tier", "city"} and all(0.8 < share < 0.97 for share in shares.values())
    thin = demo("SELECT count(*) FROM contact_attributes WHERE value = 'platinum'")[0][0]
    assert 0 < thin < 0.01 * MESSAGES * PLAN.contacts_per_message
    assert demo(
        "SELECT count(*) > 0 FROM (SELECT contact_id FROM segment_members GROUP BY contact_id HAVING count(*) > 1)"
    ) == [(True,)]


def test_names_that_break_pages(demo):
    names = [name for (name,) in demo("SELECT name FROM campaigns")]
    for awkward in ("<script>alert(1)</script>", '"', "'", "🌸", "ã"):
        assert any(awkward in name for name in names), awkward
    assert any(name.startswith("=") for name in names)
    assert demo("SELECT count(*) FROM segments WHERE name LIKE '%<script>alert(1)</script>%'") == [(1,)]
    assert demo("SELECT count(DISTINCT value) FROM contact_attributes WHERE value LIKE '=%'") == [(1,)]


def test_a_guest_house_has_costs_in_two_currencies_and_messages_without_a_price(demo):
    ours = "FROM messages WHERE campaign_id IN ('low-season', 'long-weekend') AND status <> 'queued'"
    found = demo(
        f"SELECT channel, list_distinct(list(currency)), count(DISTINCT category) {ours} GROUP BY 1 ORDER BY 1"
    )
    assert found == [("email", ["BRL"], 0), ("sms", ["USD"], 0), ("whatsapp", [], 1)]
    assert demo(f"SELECT sum(cost) > 0 {ours} AND channel = 'sms' AND status = 'failed'") == [(True,)]
    pages = "SELECT count(DISTINCT split_part(url, '?', 1)) FROM events WHERE campaign_id = 'low-season'"
    assert demo(pages) == [(3,)]
    told = (
        "SELECT count(*) > 0, bool_and(label IS NOT NULL) FROM events JOIN messages USING (message_id) WHERE kind = {}"
    )
    assert demo(told.format("'clicked' AND channel = 'whatsapp'")) == [(True, True)]
    assert demo("SELECT count(*) > 0 FROM events WHERE kind = 'unsubscribed' AND reason = 'PARAR'") == [(True,)]
    assert demo("SELECT count(*) > 0 FROM messages WHERE message_id LIKE '%d'") == [(True,)]


def test_costs_have_a_currency(demo):
    assert demo(
        """SELECT DISTINCT account_id, currency FROM messages JOIN contacts USING (contact_id)
        WHERE cost > 0 AND currency <> 'USD' ORDER BY 1"""
    ) == sorted(
        (account.account_id, account.currency)
        for account in PLAN.accounts
        if any(channel.cost for channel in account.channels)
    )


def test_other_data_is_refused(tmp_path):
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE accounts AS SELECT 'acme' AS account_id, 'Acme' AS name, 'UTC' AS timezone")
    before = path.read_bytes()
    with pytest.raises(WarehouseError, match="not a demo: it has the accounts acme"):
        make_demo(f"duckdb:///{path}", 1_000)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database")
    with pytest.raises(WarehouseError):
        make_demo(f"duckdb:///{path}", 1_000)
    assert path.read_text() == "not a database"


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_a_failed_build_keeps_the_old_demo(tmp_path, monkeypatch, interruption):
    path = tmp_path / "demo.duckdb"
    make_demo(f"duckdb:///{path}", 1_000)
    before = path.read_bytes()

    def fail(*_):
        raise interruption

    monkeypatch.setattr(module.plan_rows, "campaign_rows", fail)
    with pytest.raises(interruption):
        make_demo(f"duckdb:///{path}", 2_000)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_each_engine_gets_the_same_rows_and_a_smaller_demo_replaces_a_larger(database_url):
    make_demo(database_url, 2_000)
    rows = make_demo(database_url, 1_000)
    warehouse = open_warehouse(database_url)
    for name, table in TABLES.items():
        assert len(warehouse.sql(table.select())) == rows[name], name


def test_the_document_names_every_campaign_and_true_rate():
    text = DOCUMENT.read_text()
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M)) == set(PLANNED)
    for rate in ("4.0 %", "5.5 %", "85 %", f"{PLAN.receipts_off:.0%}".replace("%", " %")):
        assert rate in text
