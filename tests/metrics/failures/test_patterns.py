"""Where failures concentrate: counts against brute force, and no carrier found guilty by chance."""

from collections import Counter, defaultdict
from datetime import UTC
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from reportlib import metrics
from reportlib.errors import UnknownGrouping
from tests import oracle
from tests.metrics.test_against_oracle import BRIEF
from tests.random_database import databases, questions
from tests.small_database import START, SmallDatabase, campaign, fill, small_database

module = import_module("reportlib.metrics.failures.patterns")  # the package's attribute of this name is the function
COUNTS = ["failed", "sent", "rest_failed", "rest_sent"]


def by_brute_force(database, campaigns, dimension):
    """(group, channel, provider, code, permanence, category) → COUNTS, person by person."""
    engagement, codes = oracle.engagement_of_messages(database), oracle.failure_codes()
    persons = defaultdict(list)
    for message in oracle.chosen_messages(database, campaigns):
        persons[message["campaign_id"], message["contact_id"], message["channel"]].append(message)
    sent, failed = Counter(), Counter()
    for every in persons.values():
        handed_over = [message for message in every if message["status"] != "queued"]
        if not handed_over:
            continue
        outcomes = {oracle.outcome(message, engagement) for message in every}
        is_failed = "failed" in outcomes and not outcomes & {"delivered", "pending"}
        last = oracle._latest_failure(every) if is_failed else None
        providers = [message["provider"] for message in handed_over if message["provider"]]
        provider = (last and last["provider"]) or min(providers, default="(unknown)")
        base = every[0]["channel"], provider
        (group,) = _groups(database, handed_over, dimension)
        sent[group, base] += 1
        if last:
            _, _, code, *meaning = oracle._failure_kind(codes, last)
            failed[group, (*base, code, *meaning)] += 1
    kinds = {kind for _, kind in failed}
    groups = {(group, base) for group, base in sent}
    found = {}
    for kind in kinds:
        everyone = sum(count for (_, base), count in sent.items() if base == kind[:2])
        total = sum(count for (_, other), count in failed.items() if other == kind)
        for group, base in groups:
            if base == kind[:2] and group != "(unknown)" and sent[group, base] < everyone:
                here = failed[group, kind], sent[group, base]
                found[(group, *kind)] = [*here, total - here[0], everyone - here[1]]
    return found


def _groups(database, messages, dimension):
    if dimension != "hour":
        return oracle.values_of_message(database, messages[0], dimension)
    times = [message.get("sent_at") or message.get("queued_at") for message in messages]
    first = min((time for time in times if time), default=None)
    return [f"{first.astimezone(oracle.clock(database, messages[0])).hour} h" if first else "(unknown)"]


@BRIEF
@given(databases(), st.sampled_from(("country", "carrier", "email_domain", "template_id", "hour")), st.data())
def test_counts_are_those_of_brute_force(duckdb, database, dimension, data):
    campaigns = data.draw(questions(database))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "FEWEST", 1)
        patched.setattr(module, "TELLING", {})
        frame = metrics.failure_patterns(fill(duckdb, database), campaigns, (dimension,))
    key = ["group", "channel", "provider", "code", "permanence", "category"]
    found = {}
    for row in frame.to_dict("records"):
        name = tuple(None if row[each] != row[each] else row[each] for each in key)
        found[name] = [a + b for a, b in zip(found.get(name, [0] * 4), [row[each] for each in COUNTS], strict=True)]
        if found[name] != [row[each] for each in COUNTS]:  # one meaning, several titles: only failures add up
            found[name][1::2] = [row["sent"], row["rest_sent"]]
    expected = by_brute_force(database, campaigns, dimension)
    assert {name: counts[:2] for name, counts in found.items()} == {n: counts[:2] for n, counts in expected.items()}
    assert {name: counts[3] for name, counts in found.items()} == {name: counts[3] for name, counts in expected.items()}


def with_carriers(*carriers, code="30005"):
    """A campaign by SMS: (carrier, people, failed) each."""
    database = SmallDatabase()
    database.account("acme", "UTC")
    database.campaign("a")
    for carrier, people, failed in carriers:
        for number in range(people):
            contact = f"{carrier}{number}"
            database.contact(contact, carrier=carrier)
            status = {"status": "failed", "failure_code": code} if number < failed else {"status": "delivered"}
            database.message("a", contact, channel="sms", provider="twilio", **status)
    return database


def test_a_carrier_that_rejects_is_found(engine):
    frame = metrics.failure_patterns(fill(engine, with_carriers(("Oi", 60, 40), ("Vivo", 400, 8))), "a", ("carrier",))
    first = frame.iloc[0]
    assert (first["group"], first["code"], first["permanence"]) == ("Oi", "30005", "permanent")
    assert first[COUNTS].tolist() == [40, 60, 8, 400]
    assert first["difference"] == pytest.approx(40 / 60 - 8 / 400)
    assert first["excess"] == pytest.approx(40 - 60 * 8 / 400)
    assert first["low"] > 0.4
    assert frame["concentrated"].tolist() == [True, False]


def test_a_small_carrier_is_not_guilty_of_two_failures(duckdb):
    frame = metrics.failure_patterns(fill(duckdb, with_carriers(("Oi", 4, 2), ("Vivo", 400, 60))), "a", ("carrier",))
    assert frame.loc[frame["group"] == "Oi", "difference"].item() > 0.3
    assert not frame["concentrated"].any()


def test_what_is_rare_everywhere_is_not_asked_about(duckdb):
    few = with_carriers(("Oi", 30, 10), ("Vivo", 30, 9))
    assert metrics.failure_patterns(fill(duckdb, few), "a", ("carrier",)).empty
    assert metrics.failure_patterns(fill(duckdb, small_database(campaign("a").sent(5).delivered(5)))).empty


def test_one_group_has_no_rest(duckdb):
    assert metrics.failure_patterns(fill(duckdb, with_carriers(("Oi", 60, 40))), "a", ("carrier",)).empty


def test_hours_are_those_of_the_account(engine):
    database = with_carriers(("Oi", 60, 30), ("Vivo", 60, 0))
    database.accounts[0]["timezone"] = "Asia/Kathmandu"
    for message in database.messages[60:]:
        message["sent_at"] = message["queued_at"] = START.replace(hour=3)
    frame = metrics.failure_patterns(fill(engine, database), "a", ("hour",))
    assert set(frame["group"]) == {"14 h", "8 h"}  # 9:00 and 3:00 UTC
    assert START.tzinfo is UTC


def test_an_unknown_dimension(duckdb):
    with pytest.raises(UnknownGrouping, match="carrier"):
        metrics.failure_patterns(fill(duckdb, with_carriers(("Oi", 1, 0))), "a", ("carier",))


@pytest.mark.slow
def test_by_chance_nothing_concentrates_in_more_than_one_run_in_twenty():
    """Failures that fall on people of twelve carriers of very different size at random."""
    rng, guilty, runs = np.random.default_rng(7), 0, 300
    sizes = (20_000, 9_000, 4_000, 2_000, 1_000, 500, 300, 200, 100, 60, 40, 20)
    for _ in range(runs):
        rows = []
        for carrier, size in enumerate(sizes):
            for code in ("30003", "30005"):
                rows.append({"group": str(carrier), "code": code, "failed": 1, "people": rng.binomial(size, 0.02)})
            rows.append({"group": str(carrier), "code": None, "failed": 0, "people": size})
        guilty += module.judged(module.asked(_part(rows)))["concentrated"].any()
    assert guilty / runs <= 0.05


def _part(rows):
    about = {"dimension": "carrier", "channel": "sms", "provider": "twilio"} | dict.fromkeys(module.MEANING, "x")
    return pd.DataFrame(rows).assign(**about)
