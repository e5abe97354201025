"""What a failure means (providers.md §9), and that each failed person is told once."""

import csv

import pytest

from reportlib import metrics
from reportlib.errors import InvalidParameters
from tests.oracle import failure_codes
from tests.small_database import MINUTE, campaign, fill, small_database


def failures_of(engine, *messages, **question):
    """The failures of a campaign to one person for each of `messages`: channel, provider, code, reason."""
    database = small_database(campaign("a"))
    for number, (channel, provider, code, reason) in enumerate(messages):
        database.contact(number)
        known = {"provider": provider, "failure_code": code, "failure_reason": reason}
        database.message("a", number, "failed", channel, **known)
    return metrics.failures(fill(engine, database), "a", **question)


@pytest.mark.parametrize(
    ("failure", "permanence", "category"),
    [
        (("sms", "twilio", "30005", None), "permanent", "invalid_recipient"),  # provider and exact code
        (("sms", "twilio", 30005, None), "permanent", "invalid_recipient"),  # a source with integer codes
        (("whatsapp", "whatsapp", "131049", None), "transient", "provider_withheld"),
        (("whatsapp", "whatsapp", "131047", None), "fixable", "window_expired"),
        (("whatsapp", "whatsapp", "200", None), "fixable", "authentication"),  # WhatsApp's range 200-299
        (("whatsapp", "whatsapp", "299", None), "fixable", "authentication"),
        (("whatsapp", "whatsapp", "300", None), "unknown", "unknown"),
        (("whatsapp", "whatsapp", "199", None), "unknown", "unknown"),
        (("whatsapp", "whatsapp", "2000", None), "unknown", "unknown"),
        (("sms", "twilio", "250", None), "unknown", "unknown"),  # not Twilio's range
        (("email", "ses", "Permanent/General", None), "permanent", "invalid_recipient"),
        (("email", "sendgrid", "5.1.1", None), "permanent", "invalid_recipient"),  # c.s.d
        (("email", "sendgrid", "5.2.2", None), "transient", "mailbox_full"),
        (("email", "sendgrid", "4.7.652", None), "transient", "carrier_blocked"),  # c.s.0
        (("email", "sendgrid", "5.7.652", None), "fixable", "carrier_blocked"),
        (("email", "sendgrid", "5.99.1", None), "unknown", "unknown"),  # class 5 alone says nothing of this person
        (("email", "sendgrid", "4.99.1", None), "transient", "unknown"),  # class 4 is transient by RFC 3463
        (("email", "acme-mail", None, "550 5.2.1 mailbox disabled"), "permanent", "invalid_recipient"),
        (("email", "acme-mail", "550", None), "permanent", "invalid_recipient"),  # the reply code, without an enhanced
        (("email", "acme-mail", "550 5.2.2 over quota", None), "transient", "mailbox_full"),  # the enhanced one first
        (("email", "acme-mail", "x", "451 4.3.0 try later"), "transient", "provider_error"),
        (("email", None, "5.1.1", None), "permanent", "invalid_recipient"),
        (("sms", "twilio", "5.1.1", "550 5.1.1 no such user"), "unknown", "unknown"),  # no SMS speaks SMTP
        (("email", "acme-mail", None, "timeout talking to 10.5.1.1"), "unknown", "unknown"),  # an address, no code
        (("email", "acme-mail", None, "timeout talking to 5.1.1.10"), "unknown", "unknown"),
        (("sms", "vonage_status", "delivered", None), "unknown", "not_a_failure"),  # listed, but no failure
        (("sms", None, None, None), "unknown", "unknown"),
        (("sms", "vonage", "dlr/6", None), "fixable", "carrier_blocked"),  # three code spaces share small numbers
        (("sms", "vonage", "send/6", None), "permanent", "invalid_recipient"),
        (("whatsapp", "vonage", "messages/1340", None), "fixable", "window_expired"),
        (("sms", "twilio", "status/undelivered", None), "unknown", "unknown"),
        # the provider's verdict says whether to send again, the status behind it why
        (("email", "sendgrid", "bounce/5.2.2", None), "permanent", "mailbox_full"),
        (("email", "sendgrid", "blocked/5.1.1", None), "transient", "invalid_recipient"),
        (("email", "ses", "Undetermined/Undetermined/5.1.1", None), "permanent", "invalid_recipient"),
        (("email", "ses", "Permanent/General/5.0.0", None), "permanent", "invalid_recipient"),
        (("email", "ses", "Permanent/General", "550 5.2.2 full"), "permanent", "invalid_recipient"),
        (("email", "ses", "Perhaps/General/5.1.1", None), "permanent", "invalid_recipient"),  # no verdict known
    ],
)
def test_from_the_particular_to_the_general_and_never_guessed(duckdb, failure, permanence, category):
    row = failures_of(duckdb, failure).iloc[0]
    assert (row.permanence, row.category) == (permanence, category)
    assert row.title
    assert row.advice


def test_every_code_of_the_catalogue_means_what_it_says(duckdb):
    codes = failure_codes()
    assert len(codes) == 686
    channel = {"twilio": "sms", "whatsapp": "whatsapp"}
    frame = failures_of(duckdb, *[(channel.get(provider, "email"), provider, code, None) for provider, code in codes])
    found = frame.set_index(["provider", "code"])
    assert len(found) == 686
    for key, row in codes.items():
        permanence = "unknown" if row["permanence"] == "none" else row["permanence"]
        assert found.loc[key, ["permanence", "category", "title", "advice"]].to_list() == [
            permanence,
            row["category"],
            row["title"],
            row["advice"],
        ]


def test_columns_and_types(engine):
    failures = [("sms", "twilio", "30005", "gone"), ("sms", "twilio", "30005", "gone"), ("sms", None, None, None)]
    frame = failures_of(engine, *failures, by="country")
    texts = ("country", "channel", "provider", "code", "reason", "permanence", "category", "title", "advice")
    assert frame.dtypes.astype(str).to_dict() == {**dict.fromkeys(texts, "str"), "failed": "int64"}
    assert frame.failed.to_list() == [2, 1]  # the most frequent first
    assert frame.code.isna().to_list() == [False, True]
    assert frame.reason[0] == "gone"


def test_a_person_is_told_once_with_the_latest_failure(engine):
    database = small_database(campaign("a"))
    database.contact("ann")
    first = database.message("a", "ann", "failed", "whatsapp", provider="whatsapp", failure_code="131026")
    last = database.message("a", "ann", "failed", "sms", provider="twilio", failure_code="30005")
    first["failed_at"] = last["failed_at"] - MINUTE
    assert metrics.failures(fill(engine, database), "a").code.to_list() == ["30005"]
    first["failed_at"] = last["failed_at"] + MINUTE
    assert metrics.failures(fill(engine, database), "a").code.to_list() == ["131026"]
    by_channel = metrics.failures(fill(engine, database), "a", "channel")
    assert set(by_channel.code) == {"131026", "30005"}


@pytest.mark.parametrize("other", ["delivered", "sent"])
def test_who_was_reached_or_may_be_has_not_failed(duckdb, other):
    database = small_database(campaign("a"))
    database.contact("ann")
    database.message("a", "ann", "failed", "whatsapp", failure_code="131026")
    database.message("a", "ann", other, "sms")
    assert metrics.failures(fill(duckdb, database), "a").empty


def test_a_file_overrides_single_codes(duckdb, tmp_path):
    override = tmp_path / "mine.csv"
    with override.open("w", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["provider", "code", "title", "category", "permanence", "advice"])
        rows.writerow(["twilio", "30005", "Ours", "unreachable", "transient", "Wait."])
        rows.writerow(["acme-sms", "77", "New", "billing", "fixable", "Pay."])
    messages = [("sms", "twilio", "30005", None), ("sms", "acme-sms", "77", None), ("sms", "twilio", "30003", None)]
    ours = failures_of(duckdb, *messages, catalogue=str(override)).set_index("code")
    assert ours.loc["30005", ["permanence", "title"]].to_list() == ["transient", "Ours"]
    assert ours.loc["77", "permanence"] == "fixable"
    assert ours.loc["30003", "category"] == failure_codes()["twilio", "30003"]["category"]


@pytest.mark.parametrize(
    "text", [None, "", "provider,code\ntwilio,1\n", "provider,code,title,category,permanence,advice\na,b,c,d,never,e\n"]
)
def test_an_unusable_catalogue_is_named(duckdb, tmp_path, text):
    override = tmp_path / "mine.csv"
    if text is not None:
        override.write_text(text)
    with pytest.raises(InvalidParameters, match=r"mine\.csv"):
        failures_of(duckdb, ("sms", "twilio", "30005", None), catalogue=str(override))
