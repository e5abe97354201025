"""A report on one screen, as a picture."""

import io

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.look.palette import CHART_MIME, COLOURS
from reportlib.publishing.batch.order import Making
from reportlib.publishing.page.pages import pages_of
from reportlib.publishing.page.picture import HEIGHT, WIDTH, report_picture
from tests.publishing.mail.conftest import PAYLOAD, chart

ACTIONS = [{"text": f"Do {number} & <more>", "gain": "+5 reached"} for number in range(5)]
RED, BLUE = (tuple(bytes.fromhex(COLOURS[name][1:])) for name in ("bad", "good"))


def notebook(payload, charts):
    outputs = [new_output("display_data", data={REPORT_MIME: payload})] if payload else []
    outputs += [new_output("display_data", data={CHART_MIME: one}) for one in charts]
    return new_notebook(cells=[new_markdown_cell("# Weekly review"), new_code_cell("", outputs=outputs)])


def drawn(payload, *charts):
    image = Image.open(io.BytesIO(report_picture(notebook(payload, charts))))
    assert image.size == (WIDTH, HEIGHT)
    return image.convert("RGB")


def of_colour(image, colour, box):
    """How many pixels of a part of the picture have this colour."""
    return dict((found, count) for count, found in image.crop(box).getcolors(1_000_000)).get(colour, 0)


def test_verdict_cards_chart_and_what_to_do():
    bad = {**PAYLOAD, "level": "bad", "actions": ACTIONS}
    image = drawn(bad, chart())
    assert of_colour(image, RED, (0, 130, 50, 200)) > 200  # the bar of the verdict
    below = (40, 400, 760, 660)
    assert len(set(image.crop(below).tobytes())) > 10 >= len(set(drawn(bad).crop(below).tobytes()))
    calm = drawn({**PAYLOAD, "level": "good", "actions": []})
    assert of_colour(calm, RED, (0, 130, 50, 200)) == 0 < of_colour(calm, BLUE, (0, 130, 50, 200))
    assert drawn(bad).crop((780, 380, 1160, 660)).tobytes() != calm.crop((780, 380, 1160, 660)).tobytes()


@pytest.mark.parametrize(
    "payload", [None, {"title": "x" * 5000, "subtitle": "\x00<svg>&🌸\u202e" * 200, "cards": PAYLOAD["cards"] * 9}]
)
def test_whatever_a_notebook_says_there_is_a_picture(payload):
    assert drawn(payload, chart("🌸 " * 100)).getpixel((WIDTH - 5, 5)) == (255, 255, 255)


def test_a_picture_is_made_where_it_is_asked_for():
    whole = notebook(PAYLOAD, [])
    assert [*pages_of(whole, Making())[0]] == [".html"]
    pages, failure = pages_of(whole, Making(png=True))
    assert failure is None and pages[".png"].startswith(b"\x89PNG")
