"""Phone numbers as people and platforms write them, made comparable.

+55 (11) 98765-0002, tel:+55…, whatsapp:+55…, 0055… and 5511987650002 are one number; so is 551187650002, which is how
WhatsApp calls a Brazilian without the ninth digit, 521… of a Mexican, 549… of an Argentine.
"""

import re
from functools import lru_cache

import phonenumbers

FEWEST_DIGITS = 6
_SCHEME = re.compile(r"^[a-z]+:(//)?", re.IGNORECASE)
_OTHERS = re.compile(r"[^0-9]+")
_MEXICAN = re.compile(r"0(?:1|44|45)(\d{10})", re.ASCII)  # as Mexicans dialled each other until 2019
_WRITTEN = re.compile(r"[+(]?[\d\s().+/\-\u00a0\u2010-\u2015]+", re.ASCII)


def digits(text: str) -> str:
    """The digits in a text."""
    return _OTHERS.sub("", text)


def is_number(text: str) -> bool:
    """Whether an address may be a phone number."""
    return _WRITTEN.fullmatch(_SCHEME.sub("", text.strip())) is not None and len(digits(text)) >= FEWEST_DIGITS


@lru_cache(maxsize=200_000)  # once per distinct text
def numbers(text: str, country: str | None) -> frozenset[str]:
    """What the text may be, as international digits: by itself, and as a national number of that country (ISO 3166)."""
    plain = _SCHEME.sub("", text.strip())
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    found: set[str | None] = set()
    if plain.startswith("+") or not plain.startswith("0"):
        found.add(_international(f"+{digits(plain)}", None))
    if country and not plain.startswith("+"):
        if country.upper() == "MX" and (dialled := _MEXICAN.fullmatch(digits(plain))):
            plain = dialled[1]
        found.add(_international(plain, country.upper()))
    return frozenset(number for number in found if number is not None)


def country_of(number: str) -> str | None:
    """The country (ISO 3166) of a number in international digits."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits(number)}"))
    except phonenumbers.NumberParseException:
        return None


def country_called(address: str, is_international: bool) -> str | None:
    """The country of a number that says it: written with + or 00, or known to be international digits; else None."""
    plain = _SCHEME.sub("", address.strip()) if ":" in address else address.strip()
    if not (is_international or plain.startswith(("+", "00"))) or not is_number(plain):
        return None
    number = digits(plain).removeprefix("00")
    for length in (1, 2, 3):
        code = number[:length]
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if len(code) == length else None
        if regions:  # a code of one country need not be parsed, which takes 40 µs
            return regions[0] if len(regions) == 1 else country_of(number)
    return None


def _international(text: str, country: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(parsed)
    match parsed.country_code, len(national):
        case 55, 11 if national[2] == "9":  # the ninth digit of mobiles
            national = national[:2] + national[3:]
        case (52, 11) if national[0] == "1":  # the 1 of mobiles, given up in 2019
            national = national[1:]
        case (54, 11) if national[0] == "9":  # the 9 of mobiles, dialled from abroad only
            national = national[1:]
    return f"{parsed.country_code}{national}"
