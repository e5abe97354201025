"""Letters that no font here has: told by script, with what to install."""

import pytest

from reportlib.publishing.page import letters
from reportlib.publishing.page.letters import boxes_in, tell_of_boxes


@pytest.fixture
def fonts(tmp_path, monkeypatch):
    """A function that makes an `fc-list` of this machine which has no fonts but for these letters."""

    def have(*known):
        cases = "|".join(f"*charset={ord(letter):x}" for letter in known) or "none"
        (tmp_path / "fc-list").write_text(f'#!/bin/sh\ncase "$1" in {cases}) echo /a/font.ttf ;; esac\n')
        (tmp_path / "fc-list").chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path))
        letters._has_font.cache_clear()

    yield have
    letters._has_font.cache_clear()


def test_each_script_that_no_font_has_is_told_with_its_package(fonts):
    fonts()
    assert boxes_in("Fête: Žižek → ω Ж") == []  # which every machine draws
    assert boxes_in("<b>春节</b> ひ हिन्दी ไทย 🌸") == [
        "no font here has Devanagari like द, Thai like ท: boxes stand for them; apt-get install fonts-noto-core",
        "no font here has Hiragana like ひ, Chinese like 春: boxes stand for them; apt-get install fonts-noto-cjk",
        "no font here has emoji like 🌸: boxes stand for them; apt-get install fonts-noto-color-emoji",
    ]


def test_what_a_font_has_is_not_told(fonts):
    fonts("春", "द")
    assert boxes_in("春 द") == []
    assert "Thai like ท" in boxes_in("春 ท")[0]


def test_where_nobody_can_be_asked_nothing_is_told(fonts, tmp_path):
    fonts()
    (tmp_path / "fc-list").unlink()
    assert boxes_in("春") == []


def test_a_run_tells_each_line_once(fonts):
    fonts()
    told = []
    known = tell_of_boxes("春", "a.pdf", told.append)
    tell_of_boxes("春 ท", "b.pdf", told.append, known)
    assert [line.partition(":")[0] for line in told] == ["a.pdf", "b.pdf"]
    assert "Thai" in told[1] and "Chinese" not in told[1]
