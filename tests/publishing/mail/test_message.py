"""A received mail, opened as a mail program opens it."""

import io
import re
from email.utils import parsedate_to_datetime

import nbformat
import pytest
from PIL import Image

from reportlib.presentation.look.palette import CHART_MIME
from reportlib.publishing.page.links import absolute
from tests.publishing.batch.test_local import ABORTS, of_chart
from tests.publishing.mail.conftest import PAYLOAD, settings

HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n<img src=http://e.example/x>\u202eevil\u2066\x00\x1b[31m&\"'"


def parts(message):
    """The types of the parts, as a tree."""
    if not message.is_multipart():
        return message.get_content_type()
    return message.get_content_type(), [parts(part) for part in message.iter_parts()]


def html_of(message):
    return message.get_body(("html",)).get_content()


def text_of(message):
    return message.get_body(("plain",)).get_content()


def images(message):
    return [part for part in message.walk() if part.get_content_type() == "image/png"]


def attached(message):
    return [part.get_filename() for part in message.iter_attachments()]


@pytest.fixture
def received(server, edition, send):
    """A function that mails one report and opens what arrived."""

    def mail(asked=None, **report):
        folder = edition(**report)
        outcome, told = send(folder, asked or settings({"charts": 2}))
        assert outcome.ok, told
        assert outcome.sent == 1
        (message,) = server.messages()
        assert not message.defects
        return message

    return mail


def test_it_has_text_html_images_and_both_files(received):
    message = received()
    related = ("multipart/related", ["text/html", "image/png", "image/png"])
    alternative = ("multipart/alternative", ["text/plain", related])
    assert parts(message) == ("multipart/mixed", [alternative, "application/pdf", "text/html"])
    assert attached(message) == ["weekly_review-acme.pdf", "weekly_review-acme.html"]
    pdf, page = message.iter_attachments()
    assert pdf.get_content().startswith(b"%PDF")
    assert "<title>weekly_review-acme" in page.get_content()


def test_its_headers(received, server):
    message = received()
    assert message["Subject"] == "Weekly review · Loja Açaí: 3 campaigns, 41,200 reached, as usual"
    assert message["From"] == "Campaign reports <reports@example.com>"
    assert message["To"] == "ana@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"])
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.com>", message["Message-ID"])
    assert all(len(line) < 998 for line in server.taken[0][1].split(b"\r\n"))
    assert server.taken[0][1].isascii()


def test_each_image_is_shown_and_each_shown_is_there(received):
    message = received(settings({"charts": 3}))
    shown = re.findall(r'src="cid:([^"]+)"', html_of(message))
    assert shown == [part["Content-ID"].strip("<>") for part in images(message)]
    assert len(set(shown)) == 3
    for tag, part in zip(re.findall(r"<img[^>]*>", html_of(message)), images(message), strict=True):
        image = Image.open(io.BytesIO(part.get_content()))
        width, height = int(re.search(r'width="(\d+)"', tag)[1]), int(re.search(r'height="(\d+)"', tag)[1])
        assert 480 <= width <= 520
        assert 2 * width <= image.width <= 2.2 * width
        assert image.height / image.width == pytest.approx(height / width, abs=0.01)
        assert image.convert("RGBA").getextrema()[3] == (255, 255)
        assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
        assert re.search(r'alt="Why 100 people were not reached', tag)


def test_its_size(received, server):
    message = received()
    assert len(message.get_body(("html",)).as_bytes()) < 100_000
    assert len(server.taken[0][1]) < 1_000_000
    assert sum(len(part.get_content()) for part in images(message)) < 100_000


def test_its_html_needs_nothing_from_elsewhere(received):
    html = html_of(received(settings(link_base_url="https://reports.example.com/c/")))
    assert not re.search(r"<style|<script|<link|@import|url\(", html)
    links = set(re.findall(r"https?://[^\s\"'<>]+", html))
    assert links == {f"https://reports.example.com/c/2026-W47/{name}.html" for name in ("weekly_review-acme", "index")}
    assert re.search(r"<h1 style=[^>]*font-size: ?20px", html)


def test_its_text_says_the_same(received):
    message = received(settings({"charts": 1}, link_base_url="https://reports.example.com"))
    text = text_of(message)
    for finding in PAYLOAD["findings"]:
        assert finding["text"] in text
        assert finding.get("advice", "") in text
    for card in PAYLOAD["cards"]:
        assert f"{card['label']}: {card['count']} ({card['share']})" in text
    assert "Campaign 11: Audience 1,234, Delivered 96.1\u202f%, Clicked 4.0\u202f%" in text
    assert "Why 100 people were not reached" in text
    assert "https://reports.example.com/2026-W47/weekly_review-acme.html" in text
    assert "Data as of 22\u00a0Nov\u00a02026, 18:00 UTC" in text


def test_what_to_do_and_what_to_believe_stand_before_the_table_and_the_link_before_them(received):
    actions = [
        {"text": f"Do {number}", "why": "Since so.", "gain": "≈ +9 reached", "command": "x"} for number in range(4)
    ]
    message = received(
        settings(link_base_url="https://reports.example.com"), actions=actions, believe="Clicks are firm."
    )
    html, text = html_of(message), text_of(message)
    places = [html.index(one) for one in ("Open the full report", "Do 0", "Do 2", "Clicks are firm", "Campaign 0")]
    assert places == sorted(places)
    assert "Do 3" not in html  # three at most
    assert "1. Do 0 – Since so. (≈ +9 reached)" in text
    assert "What to believe: Clicks are firm." in text


def test_a_mail_links_to_the_reports_of_its_edition_and_a_page_that_is_sent_leads_there_too(received):
    message = received(settings(link_base_url="https://reports.example.com"))
    assert "All reports of 2026-W47: https://reports.example.com/2026-W47/index.html" in text_of(message)
    page = b'<!--links--><a href="index.html">All</a><!--/links--><a href="#s1">1</a>'
    away = b'<!--links--><a href="https://x/w/index.html">All</a><!--/links--><a href="#s1">1</a>'
    assert absolute(page, "https://x/w") == away
    assert absolute(page, None) == b'<a href="#s1">1</a>'


def test_a_long_table_is_cut_and_says_so(received):
    message = received()
    for body in (html_of(message), text_of(message)):
        assert "Campaign 11" in body
        assert "Campaign 12" not in body
        assert "And 3 more in the report" in body


def test_what_a_report_does_not_say_is_left_out(received):
    bare = dict.fromkeys(("cards", "table", "verdict", "totals", "subtitle", "data_as_of", "language"), ...)
    message = received(settings({"charts": 0, "attach": []}), **bare)
    assert message["Subject"] == "Weekly review · Loja Açaí: 41,200 people were reached: 96.1 % of the audience."
    assert parts(message) == ("multipart/alternative", ["text/plain", "text/html"])


def test_no_name_can_put_in_headers_or_html(received, server):
    table = {"caption": HOSTILE, "heads": [HOSTILE, HOSTILE], "rows": [[HOSTILE, HOSTILE]]}
    cards = [{"label": HOSTILE, "count": HOSTILE, "share": HOSTILE, "verdict": {"level": HOSTILE, "words": HOSTILE}}]
    findings = [{"topic": HOSTILE, "level": '"><script>', "text": HOSTILE, "advice": HOSTILE}]
    said = dict.fromkeys(("title", "subtitle", "verdict", "language", "data_as_of", "code_version"), HOSTILE)
    message = received(**said, findings=findings, cards=cards, table=table)
    assert "Bcc" not in message
    assert server.recipients() == [["ana@example.com"]]
    assert set(message.keys()) == {
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
    }
    html = html_of(message)
    assert not re.search(r"<script|<img(?! class=.chart)", html)
    for words in (html, text_of(message), message["Subject"]):
        assert not set("\u202e\u2066\x00\x1b") & set(words)
    assert "\n" not in message["Subject"]


@pytest.mark.parametrize("name", ["&" * 10_000, "🌸" * 10_000, "\ud800" * 10_000])
def test_a_name_of_ten_thousand_characters(received, name):
    table = {"caption": name, "heads": [name] * 8, "rows": [[name] * 8 for _ in range(50)]}
    findings = [{"topic": "name", "level": "note", "text": name, "advice": name}] * 20
    cards = [{"label": name, "count": name, "share": name, "beside": name}] * 9
    names = dict.fromkeys(("title", "verdict", "subtitle", "language", "code_version"), name)
    message = received(**names, table=table, findings=findings, cards=cards)
    assert len(message["Subject"]) <= 160
    assert len(message.get_body(("html",)).as_bytes()) < 100_000
    assert len(message.get_body(("plain",)).as_bytes()) < 100_000
    assert "more in the report" in html_of(message)


def test_less_is_attached_if_asked(received):
    assert attached(received(settings({"attach": ["html"]}))) == ["weekly_review-acme.html"]


def test_without_a_pdf_the_page_alone(received):
    message = received(pdf=False)
    assert attached(message) == ["weekly_review-acme.html"]
    assert "Attached: weekly_review-acme.html (100 KB)." in text_of(message)


@pytest.mark.parametrize(
    ("limit_kb", "kept", "charts"),
    [(1000, ["pdf", "html"], 2), (200, ["pdf"], 2), (80, [], 2), (32, [], 0)],
)
def test_what_is_too_large_is_left_out_and_said(received, server, limit_kb, kept, charts):
    message = received(settings({"charts": 2}, size_limit_kb=limit_kb))
    assert len(server.taken[0][1]) <= 1_000 * limit_kb
    assert attached(message) == [f"weekly_review-acme.{kind}" for kind in kept]
    assert len(images(message)) == charts
    for body in (html_of(message), text_of(message)):
        assert ("Left out" in body) == (limit_kb < 1000)


def test_a_page_with_scripts_is_not_attached(received, edition, server, send):
    folder = edition()
    (folder / "weekly_review-acme.html").write_text("<p>x</p><SCRIPT>1</SCRIPT>")
    send(folder)
    (message,) = server.messages()
    assert attached(message) == ["weekly_review-acme.pdf"]
    assert "mail gateways turn pages with scripts away" in text_of(message)


def test_a_name_in_an_address_is_kept(received):
    message = received(settings({"to": ['"Lima, Ana ção" <ana@example.com>']}))
    (ana,) = message["To"].addresses
    assert (ana.display_name, ana.addr_spec) == ("Lima, Ana ção", "ana@example.com")


def test_a_chart_that_its_drawing_dies_of_is_told_and_costs_neither_the_mail_nor_the_next(server, edition, send):
    folder = edition(number_of_charts=2)
    notebook = folder / "weekly_review-acme.ipynb"
    held = nbformat.read(notebook, as_version=4)
    held.cells[0].outputs[0].data[CHART_MIME] = of_chart(ABORTS)[2]
    nbformat.write(held, notebook)
    outcome, _ = send(folder, settings({"charts": 2}))
    assert (outcome.ok, outcome.sent) == (True, 1)
    (message,) = server.messages()
    assert "1 chart could not be drawn for mail: see the report." in text_of(message)
    assert [part.get_filename() for part in message.walk() if part.get_content_type() == "image/png"] == ["chart1.png"]
