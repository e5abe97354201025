"""The one mail about what could not be made."""

from dataclasses import replace

from reportlib.publishing.mail.failure_digest import FailedReport
from tests.publishing.mail.conftest import settings
from tests.publishing.mail.test_message import attached, html_of, text_of


def failures(folder):
    good = folder / "post_campaign_review-a.last-good.html"
    good.write_text("<p>older</p>")
    return [
        FailedReport(
            "post_campaign_review-a", "Review <b>a</b>", "Odd", "No <i>luck</i>\r\nBcc: eve@example.com", good
        ),
        FailedReport("post_campaign_review-b", "Review b", "DatabaseUnavailable", "the database does not answer"),
    ]


def test_it_tells_what_failed_why_and_what_there_is(server, edition, send):
    folder = edition()
    outcome, _ = send(folder, settings(link_base_url="https://x.example"), failed=failures(folder))
    assert (outcome.ok, outcome.sent) == (True, 2)
    digest = server.messages()[1]
    assert digest["Subject"] == "Not made: 2 of 3 reports · 2026-W47"
    assert "Bcc" not in digest
    assert attached(digest) == ["post_campaign_review-a.last-good.html"]
    text, html = text_of(digest), html_of(digest)
    assert "Review b: the database does not answer" in text
    assert "There is no earlier report of this." in text
    assert "The last good report is post_campaign_review-a.last-good.html." in text
    assert "No &lt;i&gt;luck&lt;/i&gt; Bcc: eve@example.com" in html
    assert "https://x.example/2026-W47/index.html" in html
    assert "<b>a" not in html


def test_it_goes_to_those_who_mend_things_if_they_are_named(server, edition, send):
    folder = edition()
    send(folder, settings(on_failure=["it@example.com"]), failed=failures(folder))
    assert server.recipients() == [["ana@example.com"], ["it@example.com"]]
    send(edition(), settings({"to": ["cy@example.com"]}, on_failure=[]), failed=failures(folder))
    assert server.recipients()[2:] == [["cy@example.com"]]


def test_it_is_sent_once_for_the_same_failures(server, edition, send):
    folder = edition()
    failed = failures(folder)
    send(folder, made=[], failed=failed)
    outcome, _ = send(folder, made=[], failed=failed[::-1])
    assert (outcome.sent, outcome.already) == (0, 1)
    anew = [replace(one, message=f"{one.message} (process {number})") for number, one in enumerate(failed)]
    assert send(folder, made=[], failed=anew)[0].already == 1
    outcome, _ = send(folder, made=[], failed=[*failed[:1], replace(failed[1], kind="UnknownCampaign")])
    assert outcome.sent == 1
    assert len(server.taken) == 2


def test_last_good_reports_that_are_too_large_are_named(server, edition, send):
    folder = edition()
    failed = failures(folder)
    failed[0].last_good.write_text("x" * 100_000)
    send(folder, settings(size_limit_kb=50), made=[], failed=failed)
    (digest,) = server.messages()
    assert attached(digest) == []
    assert "Left out, to keep this mail below 50 KB: post_campaign_review-a.last-good.html (100 KB)." in text_of(digest)


def test_no_password_is_mailed(server, edition, send, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "postgresql+psycopg://analyst:hunter2@127.0.0.1/campaigns")
    send(
        edition(),
        made=[],
        failed=[FailedReport("a", "A", "Odd", "postgresql+psycopg://analyst:hunter2@127.0.0.1 is gone")],
    )
    assert b"hunter2" not in server.taken[0][1]


def test_many_failures_fit_into_one_mail(server, edition, send):
    failed = [FailedReport(f"report-{number}", "字" * 500, "ValueError", "🌸" * 5_000) for number in range(200)]
    send(edition(), made=[], failed=failed)
    (digest,) = server.messages()
    assert len(digest.get_body(("html",)).as_bytes()) < 100_000
    assert "more in the edition's index.html" in text_of(digest)


def test_a_dry_run_writes_it_too(edition, send):
    folder = edition()
    _, told = send(folder, made=[], failed=failures(folder), dry_run=True)
    (written,) = (folder / "mail").glob("failures-*.eml")
    assert str(written) in told
