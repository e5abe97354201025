"""Alerts: a metric above or below a line, surely; what is asked wrongly is said."""

import pytest
from sqlalchemy import create_engine

from reportlib.errors import InvalidParameters
from reportlib.metrics.live.alerts import Alert, alerted, holds_surely
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.reports.alerts import read_alerts
from tests import PROJECT
from tests.small_database import campaign, fill, small_database


@pytest.mark.parametrize(
    ("count", "base", "waiting", "is_above", "line", "holds"),
    [
        (10, 20, 0, True, 0.05, True),
        (2, 20, 0, True, 0.05, False),  # 10 %, of twenty people
        (70, 1_000, 0, True, 0.05, False),  # 7 %: its interval begins at 5.6 %, but one may look again and again
        (90, 1_000, 0, True, 0.05, True),
        (90, 1_000, 1_000, True, 0.05, False),  # were all that is pending delivered, it would be 4.5 %
        (850, 1_000, 0, False, 0.95, True),
        (940, 1_000, 0, False, 0.95, False),
        (0, 0, 0, True, 0.05, False),
        (0, 0, 0, False, 0.95, False),
    ],
)
def test_only_what_luck_does_not_explain_holds(count, base, waiting, is_above, line, holds):
    alert = Alert("a", "failed", is_above, line)
    assert bool(holds_surely(count, base, waiting, alert)) is holds


def test_scope_channels_what_is_sending_and_what_is_not_measured():
    over = campaign("over", audience=300).sent(300, channel="sms").delivered(200).failed(100)
    going = campaign("going", audience=900, status="sending").sent(300, channel="sms").delivered(150).failed(100)
    blind = campaign("blind", audience=300).sent(300, channel="email").delivered(200).failed(100)
    database = small_database(over, going, blind)
    database.declare("email", "failed", False, campaign="blind")
    engine = create_engine("sqlite://")
    warehouse = fill(engine, database)
    known = campaigns(warehouse).set_index("campaign_id", drop=False)
    high, low = Alert("high", "failed", True, 0.05), Alert("low", "delivered", False, 0.95)

    def names(*alerts):
        return {one: [hit.alert.name for hit in alerted([*alerts], warehouse, known.loc[one])] for one in known.index}

    assert names(high, low) == {"over": ["high", "low"], "going": ["high"], "blind": ["low"]}
    (hit,) = alerted([high], warehouse, known.loc["going"])
    assert (hit.rate.count, hit.rate.base, hit.rate.base_name) == (100, 250, "with an outcome")
    scoped = [Alert("a", "failed", True, 0.05, channel="email"), Alert("b", "failed", True, 0.05, campaign="going")]
    scoped += [Alert("c", "failed", True, 0.05, account="other"), Alert("d", "failed", True, 0.05, channel="sms")]
    assert names(*scoped) == {"over": ["d"], "going": ["b", "d"], "blind": []}
    engine.dispose()


def test_the_shipped_file_is_right_and_a_suite_needs_none(tmp_path):
    complained, _ = read_alerts(PROJECT)
    assert (complained.metric, complained.is_above, complained.line, complained.channel) == (
        "complained",
        True,
        pytest.approx(0.003),
        "email",
    )
    assert read_alerts(tmp_path) == []


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("{when: 'faild above 5 %, surely'}", "did you mean 'failed'?"),
        ("{when: 'failed above 5 %'}", "write one like `failed above 5 %, surely`"),
        ("{when: 'failed > 5 %, surely'}", "is no condition"),
        ("{when: 'failed above 100 %, surely'}", "is no line"),
        ("{when: 'failed above 5 %, surely', channel: smss}", "did you mean 'sms'?"),
        ("{when: 'opened above 5 %, surely', channel: sms}", "is not measured on sms"),
        ("{when: 'opened below 5 %, surely'}", "name a channel"),
        ("{when: 'failed above 5 %, surely', chanel: sms}", "did you mean 'channel'?"),
        ("{channel: sms}", "when: is missing"),
        ("{when: 'failed above 5 %, surely'}, {when: 'failed above 5 %, surely'}", "give each a name"),
    ],
)
def test_what_is_asked_wrongly_is_said(tmp_path, alert, said):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "alerts.yaml").write_text(f"alerts: [{alert}]")
    with pytest.raises(InvalidParameters) as raised:
        read_alerts(tmp_path)
    assert said in str(raised.value) and "alerts.yaml: alerts" in str(raised.value)
