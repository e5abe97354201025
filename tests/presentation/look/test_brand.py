"""The file of brands: what it may say, what becomes of logos, colours, numbers and dates."""

import datetime
from io import BytesIO

import pandas as pd
import pytest
from PIL import Image

from reportlib import scope
from reportlib.errors import InvalidParameters
from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand import local
from reportlib.presentation.look.brand.accent import READABLE, adjusted, contrast, tones
from reportlib.presentation.look.brand.brand import Brand, Goals, brand, brand_files, brand_of, shown_in
from reportlib.presentation.look.brand.logo import LARGEST, read_logo
from reportlib.presentation.look.finding import clicked_verdict, delivered_verdict
from reportlib.presentation.look.palette import COLOURS, COLOURS_ON_DARK

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 4 4">{}</svg>'


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes the suite's file of brands."""
    (tmp_path / "parameters").mkdir()
    monkeypatch.setenv("REPORTLIB_SUITE", str(tmp_path))
    return lambda text: (tmp_path / "parameters" / "brand.yaml").write_text(text, encoding="utf-8")


def test_without_a_file_all_is_as_the_package_has_it(write):
    assert brand_of("acme") == Brand() and brand_files() == []
    assert brand_of("acme").goals("sms") == Goals(0.95, 0.05, None)


def test_an_account_has_its_own_and_else_what_all_have(write):
    write(
        "name: All\ngoals: {delivered: 90, channels: {sms: {failed: 3}}}\n"
        "accounts: {a: {contact: Ask, goals: {delivered: 80}}}"
    )
    one, other = brand_of("a"), brand_of("b")
    assert (one.name, one.contact, other.name, other.contact) == ("All", "Ask", "All", "")
    assert one.goals("sms") == Goals(0.8, 0.03) and one.goals("email+sms") == Goals(0.8, 0.05)
    assert other.goals("email") == Goals(0.9, 0.05)


def test_the_brand_is_that_of_whose_campaigns_were_asked_about(write):
    write("name: All\naccounts: {a: {name: A}}")
    for ids, name in ((["a"], "A"), (["a", "b"], "All"), (["a", "a"], "A"), (["b"], "All")):
        scope.asked_of(ids)
        assert brand().name == name
    write("name: Changed")
    scope.asked_of(["b"])
    assert brand().name == "Changed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acent: x", "acent: there is no such parameter, did you mean 'accent'?"),
        (
            "accounts: {a: {goals: {opened: 3}}}",
            "accounts.a.goals.opened: there is no such parameter; there are delivered",
        ),
        ("goals: {delivered: 100}", "goals.delivered: should be less than 100, not 100"),
        ("goals: {failed: 0}", "goals.failed: should be greater than 0, not 0"),
        ("goals: {channels: {smz: {}}}", "goals.channels: there is no channel 'smz', did you mean 'sms'?"),
        ("accent: red", "accent: should be a colour"),
        ("accent: '#12345$'", "accent: should be a colour"),
        ("locale: xx_YY", "locale: 'xx_YY' is no locale: name one like pt_BR"),
        ("locale: ../../etc", "is no locale"),
        ("accounts: {a: {logo: no.png}}", "accounts.a.logo: "),
        ('contact: "a\\nb"', "contact: should be text on one line"),
    ],
)
def test_a_fault_is_told_by_its_key_and_what_is_allowed(write, text, said):
    write(text)
    with pytest.raises(InvalidParameters) as error:
        brand_of(None)
    assert "brand.yaml: " in str(error.value) and said in str(error.value)


@pytest.mark.parametrize(
    "harmful",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<image href="https://example.com/a.png"/>',
        '<use xlink:href="#a"/>',
        '<rect onload="alert(1)"/>',
        '<rect fill="url(https://example.com)"/>',
        '<rect style="fill: URL(//example.com)"/>',
        '<rect fill="&#x75;rl(//example.com)"/>',
        "<style>@import url(//example.com)</style>",
        '<set attributeName="href"/>',
        "<g>" * 2000 + "</g>" * 2000,
    ],
)
def test_a_logo_that_is_more_than_shapes_is_refused(tmp_path, harmful):
    file = tmp_path / "logo.svg"
    file.write_text(SVG.format(harmful))
    with pytest.raises(ValueError, match=r"logo\.svg"):
        read_logo(file)


def test_of_a_logo_only_what_is_known_is_kept(tmp_path):
    file = tmp_path / "logo.svg"
    note = '<metadata>who</metadata><i:view xmlns:i="urn:editor"><script/></i:view>'
    file.write_text(SVG.format(f'{note}<path class="a" data-x="y" d="M0 0" style="fill:#f60;-editor-x:1"/>'))
    logo = read_logo(file)
    assert (
        logo.content
        == SVG.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
        .format('<path d="M0 0" fill="#f60" />')
        .encode()
    )
    assert logo.png.startswith(b"\x89PNG")
    file.write_text(f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG.format("")}')
    with pytest.raises(ValueError, match="document type"):
        read_logo(file)


def test_of_a_png_only_its_pixels_are_kept(tmp_path):
    file, written = tmp_path / "logo.png", BytesIO()
    Image.new("RGB", (3, 2), (9, 9, 9)).save(written, "PNG")
    file.write_bytes(written.getvalue() + b"<script>")
    assert b"script" not in read_logo(file).content
    for content, why in (
        (b"GIF89a", "neither"),
        (b"\x89PNG\r\n", "no whole PNG"),
        (b"\x89PNG" * LARGEST, "larger than"),
    ):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=why):
            read_logo(file)


@pytest.mark.parametrize("accent", ["#0f5e9c", "#ffcc00", "#ffffff", "#000000", "#808080", "#ff0000", "#00ff00"])
def test_every_accent_can_be_read_on_light_and_dark_ground(accent):
    light, dark = tones(accent)
    assert min(contrast(light, COLOURS["ground"]), contrast(light, COLOURS["raised"])) >= READABLE
    assert min(contrast(dark, COLOURS_ON_DARK["ground"]), contrast(dark, COLOURS_ON_DARK["raised"])) >= READABLE
    assert all(tone in adjusted(accent) for tone in (light, dark) if tone != accent)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        (None, ["1,234,567", "0.03 %", "−4.6 %", "Sun 15 Nov 2026, 19:00", "9–15 Nov 2026", "15 Nov"]),
        ("de_DE", ["1.234.567", "0,03 %", "−4,6 %", "So., 15. Nov. 2026, 19:00", "9.–15. Nov. 2026", "15. Nov."]),
        ("en_IN", ["12,34,567", "0.03 %", "−4.6 %", "Sun, 15 Nov, 2026, 7:00 pm", "9–15 Nov 2026", "15 Nov"]),
    ],
)
def test_numbers_and_dates_are_written_as_the_locale_does(locale, written):
    moment = pd.Timestamp("2026-11-15T19:00", tz="UTC")
    with shown_in(Brand(locale=locale)):
        said = [numbers.count(1234567), numbers.percent(0.0003), numbers.change(-4.6), numbers.moment(moment, "UTC")]
        said += [numbers.days(datetime.date(2026, 11, 9), datetime.date(2026, 11, 15)), numbers.short_date(moment)]
    assert [one.replace("\u202f", " ") for one in said] == written


def test_charts_have_the_locale_too():
    assert local.for_charts("fr_FR")["number"]["decimal"] == ","
    assert local.for_charts("pt_BR")["time"]["shortDays"][0] == "dom."  # Vega's weeks begin on Sunday


def test_a_goal_of_clicks_is_judged_where_there_is_one(write):
    assert clicked_verdict(Rate(50, 1000, "delivered")) is None
    write("goals: {clicked: 2, delivered: 40}")
    scope.asked_of([])
    assert clicked_verdict(Rate(50, 1000, "delivered")).words == "above 2\u202f% goal"
    assert delivered_verdict(Rate(250, 1000, "audience")).level == "warning"  # as far as 0 % is not twice as far
