"""Mail addresses as people write them: "ana@example.com", "Ana Lima <ana@example.com>"."""

import re
from email.headerregistry import Address

LONGEST = 254  # characters of an address, RFC 5321 with its erratum 1690
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"  # RFC 6531 has letters of any script
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN, _DOMAIN = re.compile(rf"({_WORD}(?:\.{_WORD})*)@([^@]+)"), re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r'(?P<name>"[^"<>]*"\s*|[^"<>,;@]*)<(?P<plain>[^<>]*)>')


def parse_address(text: str) -> Address:
    """The address with the name before it, if there is one.

    Raises ValueError, which says what is wrong, for anything that is not one address on one line.
    """
    if not text.isprintable():
        raise ValueError(f"{text!r} has a line break or another control character in it: write a plain address")
    named = _NAMED.fullmatch(text.strip())
    name, plain = (named["name"], named["plain"].strip()) if named else ("", text.strip())
    found = _PLAIN.fullmatch(plain)
    domain = _ascii(found[2]) if found else ""
    if not found or not _DOMAIN.fullmatch(domain) or len(plain) > LONGEST:
        raise ValueError(f"{text!r} is no mail address: write one like ana@example.com or Ana Lima <ana@example.com>")
    return Address(display_name=name.strip().strip('"'), username=found[1], domain=domain)


def _ascii(domain) -> str:
    """A domain as name servers know it: "xn--bcher-kva.example" for bücher.example; "" for what is none."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def bare(address: Address) -> str:
    """The address without its name, in lower case: what tells one recipient from another."""
    return address.addr_spec.lower()


def each_once(addresses: list[str]) -> list[Address]:
    """The parsed addresses in their order, each recipient once."""
    found: dict[str, Address] = {}
    for address in map(parse_address, addresses):
        found.setdefault(bare(address), address)
    return list(found.values())
