"""The rate card: what a message costs where its provider does not tell, and at which rate currencies are converted."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import yaml

from reportlib.errors import InvalidParameters, nearest
from reportlib.suite import parameter_file
from reportlib.yaml_files import load_bounded

FILE = "rates.yaml"
DELIVERED, SENT, ATTEMPT = "delivered", "sent", "attempt"
CHARGED = {DELIVERED: ("delivered",), SENT: ("sent", "delivered"), ATTEMPT: ("sent", "delivered", "failed")}
USUAL = {"whatsapp": DELIVERED}  # others are charged when they are sent


@dataclass(frozen=True)
class Price:
    """What one message costs, an SMS each of its parts: of those that are `per`, from a moment on (epoch milliseconds).

    Of provider, category and country None fits any.
    """

    channel: str
    price: float
    currency: str
    provider: str | None = None
    category: str | None = None
    country: str | None = None
    from_ms: int = 0
    per: str = SENT

    def fits(self, **about) -> bool:
        """Whether it is the price of such a message."""
        return all(getattr(self, name) in (None, value) for name, value in about.items())

    @property
    def narrow(self) -> int:
        """How much it says of what it is the price of."""
        return sum(value is not None for value in (self.provider, self.category, self.country))


@dataclass(frozen=True)
class Card:
    """Prices, and what one unit of other currencies is in the one into which all are converted, if into any."""

    prices: tuple[Price, ...] = ()
    into: str | None = None
    worth: tuple[tuple[str, float], ...] = ()

    @property
    def moments(self) -> list[int]:
        """From when on other prices hold, epoch milliseconds."""
        return sorted({price.from_ms for price in self.prices if price.from_ms})

    def price(self, at_ms: int, **about) -> Price | None:
        """The price that says most of what it is of; of several the latest that holds by then."""
        fitting = [price for price in self.prices if price.from_ms <= at_ms and price.fits(**about)]
        return max(fitting, key=lambda price: (price.narrow, price.from_ms), default=None)


def read_rates(path: str | None = None) -> Card:
    """The card in a YAML file, else in the suite's parameters/rates.yaml, if there is one.

    `rates` is a list of mappings: channel, price, currency, and as far as it depends on them provider, category,
    country, from (2026-01-01), per ("delivered", "sent" or "attempt"; WhatsApp is charged per delivered, others per
    sent). `convert` is a mapping: `into: EUR` and of other currencies what one is worth in it. Raises
    InvalidParameters.
    """
    file = Path(path) if path else parameter_file(FILE)
    if file is None:
        return Card()
    try:
        told = load_bounded(file.read_text(encoding="utf-8-sig"), yaml.BaseLoader) or {}  # texts: NO is a country
    except InvalidParameters as error:
        raise InvalidParameters(f"{file} cannot be read ({error})") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "it is no YAML"
        raise InvalidParameters(f"{file} cannot be read ({reason})") from None
    if not isinstance(told, dict) or not isinstance(told.get("rates", []), list) or set(told) - {"rates", "convert"}:
        raise InvalidParameters(f"{file} is no rate card: it has a list `rates`, and a mapping `convert` if you like")
    prices = tuple(_price(rate, f"{file}, rate {number}") for number, rate in enumerate(told.get("rates", []), start=1))
    convert = told.get("convert") or {}
    if convert and (not isinstance(convert, dict) or not isinstance(convert.get("into"), str)):
        raise InvalidParameters(f"{file}: `convert` needs `into`, the currency into which others are converted")
    worth = {name: _number(value, f"{file}, convert, {name}") for name, value in convert.items() if name != "into"}
    return Card(prices, convert.get("into"), tuple(worth.items()))


def _price(rate, where: str) -> Price:
    if not isinstance(rate, dict) or not all(isinstance(value, str) for value in rate.values()):
        raise InvalidParameters(f"{where}: is no mapping of names to values")
    known = {"from" if one.name == "from_ms" else one.name for one in fields(Price)}
    for name in rate:
        if name not in known:
            raise InvalidParameters(f"{where}: {name!r} is not known{nearest(name, known)}")
    for name in ("channel", "price", "currency"):
        if not rate.get(name):
            raise InvalidParameters(f"{where}: has no {name}")
    per = rate.get("per") or USUAL.get(rate["channel"], SENT)
    if per not in CHARGED:
        raise InvalidParameters(f"{where}: per {per!r} is none of {', '.join(CHARGED)}")
    optional = {name: rate.get(name) or None for name in ("provider", "category", "country")}
    price = _number(rate["price"], where)
    return Price(
        rate["channel"], price, rate["currency"], **optional, from_ms=_moment(rate.get("from"), where), per=per
    )


def _number(text, where: str) -> float:
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = -1.0
    if not (isfinite(number) and number >= 0):
        raise InvalidParameters(f"{where}: {text!r} is no amount")
    return number


def _moment(text: str | None, where: str) -> int:
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameters(f"{where}: from {text!r} is no day, as 2026-01-01 is") from None
    return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
