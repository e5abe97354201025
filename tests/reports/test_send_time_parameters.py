"""Parameter files of the send-time report."""

import pytest

from reportlib.errors import InvalidParameters
from reportlib.reports.parameters import read_reports
from tests.small_database import campaign, fill, in_memory_engine, small_database


@pytest.fixture(scope="module")
def warehouse():
    database = small_database(campaign("mail").sent(2, channel="email").delivered(2))
    campaign("text").sent(2, channel="sms").delivered(2).add_to(database)
    campaign("chat").sent(2, channel="whatsapp").delivered(2).add_to(database)
    return fill(in_memory_engine(), database)


@pytest.fixture
def read(tmp_path, warehouse):
    def read_text(text, **options):
        path = tmp_path / "send_time_heatmap" / "x.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return read_reports([path], warehouse, **options)

    return read_text


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("{}", "all-campaigns"),
        ("campaigns: [mail, text]", "mail-and-text"),
        ("timezone: recipient", "all-campaigns"),
        ("timezone: Asia/Kathmandu\nweeks: 4\nwindow_hours: 24", "all-campaigns"),
        ("metric: opened\nchannel: email", "all-campaigns"),
        ("campaigns: [text, mail]\nmetric: opened", "text-and-mail"),  # an SMS cannot be opened: one channel is left
    ],
)
def test_good_files(read, text, subject):
    (report,) = read(text)
    assert report.subject == subject


def test_campaigns_of_the_command_line_make_one_report(read):
    (report,) = read("weeks: 4", campaigns=["mail", "chat"])
    assert report.parameters["campaigns"] == ["mail", "chat"]
    assert report.parameters["weeks"] == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("campaigns: [mial]", "there is no campaign 'mial', did you mean 'mail'?"),
        ("metric: opend", "metric: should be"),
        ("metric: delivered", "metric: should be"),
        ("metric: opened", "metric: Opened is never pooled over channels: name one with channel: whatsapp"),
        ("metric: opened\nchannel: sms", "channel: Opened cannot be reported by sms"),
        ("channel: fax", "channel: should be"),
        ("timezone: Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("window_hours: 0", "window_hours: should be"),
        ("weeks: 0", "weeks: should be"),
        ("zone: UTC", "zone: there is no such parameter"),
    ],
)
def test_mistakes(read, text, said):
    with pytest.raises(InvalidParameters) as raised:
        read(text)
    assert said in str(raised.value)


def test_all_mistakes_at_once(read):
    with pytest.raises(InvalidParameters) as raised:
        read("campaigns: [mial]\ntimezone: Mars\nwindow_hours: long")
    assert len(str(raised.value).splitlines()) == 3
