"""Letters that no font of this machine has, which are boxes in a PDF or a mailed chart, and what to install."""

import re
import subprocess
import unicodedata
from collections.abc import Callable, Set
from functools import lru_cache

_BEYOND = re.compile("[\u0530-\u1dbf\u2c00-\ud7ff\uf900-\ufaff\ufb00-\ufdff\ufe70-\ufefc\U00010000-\U0003ffff]")
_OF_CJK = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")
_EMOJI = "EMOJI"
_PACKAGES = {**dict.fromkeys(_OF_CJK, "fonts-noto-cjk"), _EMOJI: "fonts-noto-color-emoji"}  # of Debian and Ubuntu
_OTHERS = "fonts-noto-core"
_NAMES = {"CJK": "Chinese", _EMOJI: "emoji"}


def boxes_in(text: str) -> list[str]:
    """What to say of a text whose letters no font here has, a line for each script: "no font here has Devanagari
    like ह: …". Nothing where fontconfig's `fc-list` is not there to ask."""
    firsts: dict[str, str] = {}
    for letter in sorted(set(_BEYOND.findall(text))):
        firsts.setdefault(_script(letter), letter)
    packages: dict[str, list[str]] = {}
    for script, letter in firsts.items():
        if script and not _has_font(letter):
            named = _NAMES.get(script, script.capitalize())
            packages.setdefault(_PACKAGES.get(script, _OTHERS), []).append(f"{named} like {letter}")
    return [
        f"no font here has {', '.join(letters)}: boxes stand for them; apt-get install {package}"
        for package, letters in packages.items()
    ]


def tell_of_boxes(text: str, file: str, tell: Callable[[str], None], known: Set[str] = frozenset()) -> set[str]:
    """Tell, of a file made of this text, the `boxes_in` it that are not `known` yet; these."""
    found = set(boxes_in(text)) - known
    for line in sorted(found):
        tell(f"{file}: {line}")
    return found


def _script(letter) -> str:
    """ "DEVANAGARI", as Unicode names its letters; "" for what is no letter."""
    if unicodedata.category(letter)[0] == "L":
        return unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return _EMOJI if "\U0001f300" <= letter <= "\U0001faff" else ""


@lru_cache
def _has_font(letter) -> bool:
    try:
        asked = subprocess.run(["fc-list", f":charset={ord(letter):x}", "file"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return True
    return asked.returncode != 0 or bool(asked.stdout.strip())
