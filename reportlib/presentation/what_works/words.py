"""How lifts, facts and experiments are written in the report on what works."""

from reportlib.metrics.what_works.associations import RESPONSE
from reportlib.metrics.what_works.facts import TAG, WORD
from reportlib.presentation.look import numbers

AT_MOST = 9.99  # a lift above it is said to be more: tenfold
CLICKS = "clicks"


def lift(value) -> str:
    """ "+12 %" of a lift; "–" of none, "> +999 %" of one that nobody believes."""
    if value is None or value != value:
        return numbers.NOTHING
    if value > AT_MOST:
        return f">{numbers.THIN_SPACE}+{100 * AT_MOST:.0f}{numbers.THIN_SPACE}%"
    rounded = round(100 * value) + 0
    return f"{rounded:+d}{numbers.THIN_SPACE}%".replace("-", "−") if rounded else f"0{numbers.THIN_SPACE}%"


def lifts(low, high) -> str:
    """ "−4 to +38 %" of the ends of an interval; "" of none."""
    if low is None or low != low or high != high:
        return ""
    return f"{lift(low).removesuffix(numbers.THIN_SPACE + '%')} to {lift(high)}"


def measure(name: str) -> str:
    """What an experiment was judged by, in words."""
    return CLICKS if name == RESPONSE else f"“{name}”"


def fact(name: str, value: str) -> str:
    """A fact of campaigns in words."""
    if name in (WORD, TAG):
        return f"{name}: “{value}”"
    return name if value == "yes" else f"{name}: {value}"
