"""Brands in everything that an edition hands out: pages, index, mails, records, PDFs, pictures, workbooks, chats."""

import email
import io
import json
import re
import subprocess
import zipfile
from datetime import timedelta
from email import policy
from html import escape, unescape

import pytest
from PIL import Image
from sqlalchemy import create_engine

from reportlib.presentation.look.brand.accent import tones
from reportlib.presentation.look.brand.brand import brand_of
from reportlib.publishing.batch.order import Making
from reportlib.publishing.chat.settings import NAMES
from reportlib.publishing.page.pdf import report_pdf
from reportlib.publishing.weekly.edition import read_edition
from reportlib.publishing.weekly.run import Posting, plan_edition, run_weekly
from reportlib.reports.beginning import make_suite
from reportlib.reports.record import read_record
from tests.publishing.weekly.test_run import Said
from tests.small_database import START, campaign, fill, small_database

WEEK = "2026-W45"
BRAND = """name: Agência
locale: de_DE
accounts:
  acme:
    name: Bücher & Söhne
    logo: logo.svg
    accent: "#ffb000"
    contact: Fragen? an@example.com
    locale: de_DE
    goals: {delivered: 70, failed: 12.5, clicked: 4, channels: {sms: {delivered: 85}}}
  loja:
    name: Loja Açaí
    logo: loja.png
    accent: "#7a1fa2"
    contact: Dúvidas? loja@example.com
    locale: pt_BR
    goals: {delivered: 76.5, failed: 13}
  magasin:
    name: Le Magasin
    logo: magasin.svg
    accent: "#00784f"
    contact: Écrivez à magasin@example.com
    locale: fr_FR
    goals: {delivered: 82, failed: 11}
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#f60"/></svg>'
EDITION = """reports: {weekly_review: {}, post_campaign_review: {}}
mail:
  sender: R <r@example.com>
  mailings: [{to: [a@example.com], about: post_campaign_review, attach: [], charts: 1}]
notify:
  chats: [CHATS]
  link_base_url: https://reports.example.com
"""
CHATS = ", ".join(f'{{to: {kind}, url: "${{X}}", about: post_campaign_review}}' for kind in NAMES)
LOGOS = {"acme": (255, 102, 0), "loja": (0, 153, 51), "magasin": (0, 51, 204)}  # their colour
REVIEWED = {"acme": "mailed", "loja": "loja-1", "magasin": "magasin-1"}  # a campaign of each
GOAL = {"acme": "above the 70 % goal", "loja": "above the 76,5 % goal", "magasin": "at the 82 % goal"}
AUDIENCE = {"acme": "1.250", "loja": "1.250", "magasin": "1 250"}
OF_THE_PACKAGE = r"(?<![\d,])95\s%\s(?!interval|range)|(?<![\d,])5\s%\slimit"  # an interval of 95 % stays one
IN_ENGLISH = r"\b\d\.\d+\s%|\b\d,\d{3}\b|\b(Nov|Dec) 2026"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The suite, its output and its edition once all of it is made."""
    suite = tmp_path_factory.mktemp("suite")
    with pytest.MonkeyPatch.context() as patch:
        address = f"duckdb:///{suite / 'campaigns.duckdb'}"
        patch.setenv("CAMPAIGN_DATABASE_URL", address)
        patch.setenv("REPORTLIB_SUITE", str(suite))
        make_suite(suite)
        (suite / "parameters" / "logo.svg").write_text(LOGO)
        (suite / "parameters" / "magasin.svg").write_text(LOGO.replace("#f60", "#03c"))
        Image.new("RGB", (64, 64), LOGOS["loja"]).save(suite / "parameters" / "loja.png")
        (suite / "parameters" / "brand.yaml").write_text(BRAND, encoding="utf-8")
        file = suite / "parameters" / "weekly.yaml"
        file.write_text(EDITION.replace("CHATS", CHATS))
        over = {"completed_at": START + timedelta(hours=2)}
        engine = create_engine(address)
        mailed = (
            campaign("mailed", audience=1250, **over).sent(1250).delivered(1000, clicked=90).failed(150, code="550")
        )
        texted = campaign("texted", audience=1250, **over).sent(1250, "sms").delivered(1000).failed(250, code="30005")
        database = small_database(mailed, texted)
        for account in ("loja", "magasin"):
            database.account(account)
            there = campaign(f"{account}-1", audience=1250, account=account, **over)
            there.sent(1250).delivered(1000, clicked=90).failed(150, code="550").add_to(database)
        fill(engine, database)
        engine.dispose()
        edition, output = read_edition(file), suite / "output"
        posting = Posting(mail=True, notify=True, dry_run=True)
        run_weekly(edition, file, WEEK, output, Making(jobs=2, png=True), posting=posting, watch=Said(), xlsx=True)
        (suite / "parameters" / "logo.svg").write_text(LOGO.replace("#f60", "#06f"))
        plan = plan_edition(edition, file, WEEK, output)
        (suite / "parameters" / "logo.svg").write_text(LOGO)
        yield output / WEEK, plan


def texts(folder):
    """What readers see, by where: pages and mails as text, what records say in words."""
    for page in folder.glob("*.html"):
        html = re.sub(
            r"<(style|script|pre)\b.*?</\1>|<details class=\"section\">.*?</details>", " ", page.read_text(), flags=re.S
        )
        yield page.name, re.sub(r"<[^>]*>", " ", html)
    for file in folder.glob("*.json"):
        said = read_record(file)
        yield file.name, " ".join([said.sentence, said.believe, *(f"{one.text} {one.advice}" for one in said.findings)])
        yield (
            file.name,
            " ".join(f"{card.count} {card.share} {card.verdict and card.verdict.words}" for card in said.cards),
        )
    for mail in folder.glob("mail/*.eml"):
        message = email.message_from_bytes(mail.read_bytes(), policy=policy.default)
        yield mail.name, f"{message['Subject']} {message.get_body(('plain',)).get_content()}"


def test_no_place_judges_by_other_goals_or_writes_other_numbers(made):
    seen = list(texts(made[0]))
    assert len(seen) == 8 + 2 * 7 + 4  # pages with the index, records twice, mails
    for where, text in seen:
        assert not (found := re.findall(OF_THE_PACKAGE, text)), (where, found)
        assert not (found := re.findall(IN_ENGLISH, text)), (where, found)


def test_goals_of_a_channel_go_before_those_of_all(made):
    said = dict(texts(made[0]))
    mailed, texted = (said[f"post_campaign_review-{name}.html"] for name in ("mailed", "texted"))
    assert "80,0\u202f% of 1.250 people, above the 70\u202f% goal" in mailed
    assert "above 4\u202f% goal" in mailed and "at the 12,5\u202f% limit" in mailed
    assert "80,0\u202f% of 1.250 people, below the 85\u202f% goal" in texted
    assert "far below" not in texted and "above 12,5\u202f% limit" in texted
    index = said["index.html"]
    assert "below 85\u202f% goal" in index and "above 70\u202f% goal" in index
    assert "Below the goal" in said["weekly_review-acme-2026-w45.html"]


def test_name_logo_colour_and_contact_are_on_pages_and_in_mails(made):
    for page in [*made[0].glob("*acme*.html"), made[0] / "post_campaign_review-texted.html"]:
        html = page.read_text()
        assert "Bücher &amp; Söhne" in html and "Fragen? an@example.com" in html
        assert 'src="data:image/svg+xml;base64,' in html and "--accent: #ffb000" in html  # on dark ground
    message = email.message_from_bytes(
        (made[0] / "mail" / "post_campaign_review-mailed.eml").read_bytes(), policy=policy.default
    )
    html = message.get_body(("html",)).get_content()
    logo = next(part for part in message.walk() if part.get_filename() == "logo.png")
    assert f"cid:{logo['Content-ID'].strip('<>')}" in html
    assert logo.get_content().startswith(b"\x89PNG")
    assert "Bücher &amp; Söhne" in html and "Fragen? an@example.com" in html and "#ffb000" not in html


def test_pictures_have_its_colour_and_its_logo(made):
    with Image.open(made[0] / "post_campaign_review-mailed.png") as picture:
        seen = picture.convert("RGB")
    assert "#{:02x}{:02x}{:02x}".format(*seen.getpixel((600, 2))) == tones("#ffb000")[0]
    shades = {colour for _, colour in seen.crop((600, 24, 1200, 64)).getcolors(100_000)}
    assert (255, 102, 0) in shades


def test_reports_are_made_again_when_the_brand_changed(made):
    assert {step.reason for step in made[1].steps} == {"changed: brand"}


@pytest.mark.parametrize("account", LOGOS)
def test_each_account_has_its_own_brand_in_every_output(made, account):
    folder, name = made[0], f"post_campaign_review-{REVIEWED[account]}"
    brand = brand_of(account)
    others = [brand_of(one) for one in LOGOS if one != account]
    accent, html = tones(brand.accent)[0], (folder / f"{name}.html").read_text()
    mail = email.message_from_bytes((folder / "mail" / f"{name}.eml").read_bytes(), policy=policy.default)
    marked = {"page": html, "mail": mail.get_body(("html",)).get_content()}
    said = {"pdf": _texts_of_pdf(report_pdf(html))} | {
        where: re.sub("<[^>]*>", " ", one) for where, one in marked.items()
    }
    said |= {kind: _texts_of(json.loads((folder / "chat" / f"{name}-{kind}.json").read_text())) for kind in NAMES}
    for where, text in said.items():
        told = re.sub(r"\s+", " ", unescape(text)).replace("\u200b", "").replace("\\", "")
        for wanted in (brand.name, brand.contact, AUDIENCE[account], GOAL[account]):
            assert wanted in told, (where, wanted)
        assert not [one.contact for one in others if one.contact in told], where
    assert brand.logo.address in html and accent in marked["mail"]
    assert brand.logo.png in [part.get_content() for part in mail.walk() if part.get_filename() == "logo.png"]
    google = json.loads((folder / "chat" / f"{name}-google_chat.json").read_text())
    button = google["cardsV2"][0]["card"]["sections"][0]["widgets"][-1]["buttonList"]["buttons"][0]
    assert [round(255 * button["color"][part]) for part in ("red", "green", "blue")] == _parts(accent)
    with Image.open(folder / f"{name}.png") as shown:
        picture = shown.convert("RGB")
    assert list(picture.getpixel((600, 2))) == _parts(accent)
    assert LOGOS[account] in {colour for _, colour in picture.crop((600, 24, 1200, 64)).getcolors(100_000)}
    with zipfile.ZipFile(folder / f"{name}.xlsx") as files:
        parts = {one: files.read(one) for one in files.namelist()}
    styles, texts_in = parts["xl/styles.xml"].decode(), parts["xl/sharedStrings.xml"].decode()
    assert f'rgb="FF{accent[1:].upper()}"' in styles
    assert escape(brand.name) in texts_in and brand.contact in texts_in
    with Image.open(io.BytesIO(next(parts[one] for one in parts if one.startswith("xl/media/")))) as logo:
        assert logo.convert("RGB").getpixel((4, 4)) == LOGOS[account]


def _parts(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _texts_of_pdf(content) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def _texts_of(message) -> str:
    """All texts of a message, however it holds them."""
    if isinstance(message, dict | list):
        return " ".join(map(_texts_of, message.values() if isinstance(message, dict) else message))
    return str(message)
