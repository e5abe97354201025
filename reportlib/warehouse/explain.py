"""What goes wrong with a database, in one line for the person who asked, without the password."""

import re

from sqlalchemy import URL, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.sql import visitors

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.warehouse.engines import (
    ENGINES,
    MEMORY_VARIABLE,
    is_about_tls,
    is_in_process,
    is_stopped,
    memory_options,
)
from reportlib.warehouse.engines.postgresql import TIMEOUT_VARIABLE

ADDRESS_VARIABLE = "CAMPAIGN_DATABASE_URL"
_LACKING = ("does not exist", "not found", "no such", "cannot be found", "cannot be resolved")
_NOT_PERMITTED = ("permission denied", "read-only file", "readonly database", "unable to open database file")
PASSWORD_OPTIONS = ("password", "sslpassword")  # where an address may hold one, besides before its @


def url_of(address: str | URL) -> URL:
    """The parts of an address. Raises WarehouseError for what is none."""
    try:
        str(address).encode()
        return make_url(address)
    except ArgumentError as error:
        raise no_address(first_line(error, address)) from None
    except UnicodeEncodeError:
        raise no_address("it is no UTF-8") from None
    except ValueError:  # quotes what stands in the port's place, which may be a password with / or @ in it
        raise no_address("its port is not a number; in a password, write / as %2F and @ as %40") from None


def no_address(reason: str) -> WarehouseError:
    """What to say of an address that is none."""
    return WarehouseError(
        f"--to or {ADDRESS_VARIABLE} is not a database address that can be used here ({reason}); "
        f"it looks like {', '.join(known.address for known in ENGINES.values())}"
    )


def shown(address: str | URL) -> str:
    """The address without its password, for people to read."""
    url = url_of(address)
    return url.difference_update_query(PASSWORD_OPTIONS).render_as_string(hide_password=True)


def explain(error: DBAPIError, address: str | URL, about: str = "") -> WarehouseError:
    """What a database error means for the person who asked, in one line, without the password.

    `about` says what was asked: " about events and messages". A DatabaseUnavailable where trying again a little later
    may help.
    """
    url, reason = make_url(address), first_line(error.orig, address)
    address, lowered, is_file = shown(url), reason.lower(), is_in_process(url)
    if is_stopped(url, error):
        return WarehouseError(
            f"{address} stopped a question{about} ({reason}): allow it more with {TIMEOUT_VARIABLE}=30min, or make it "
            "quicker with the indexes of docs/postgresql.md"
        )
    if is_about_tls(url, error):
        what = "sslmode, sslrootcert, sslcert and sslkey"
        return WarehouseError(f"no safe connection to {address} ({reason}); check {what} in {ADDRESS_VARIABLE}")
    if any(words in lowered for words in ("password", "authentication", "pg_hba.conf")):
        return WarehouseError(f"{address} refuses this user or password; check {ADDRESS_VARIABLE} ({reason})")
    is_there = not (isinstance(error, OperationalError) and "does not exist" in lowered)  # the database, and the user
    if not is_there or "schema_not_found" in lowered:
        return WarehouseError(f"there is no database at {address}; check {ADDRESS_VARIABLE} ({reason})")
    if any(words in lowered for words in _LACKING):
        return WarehouseError(
            f"{address} lacks something that the source contract asks for ({reason}); "
            "`reportlib check` lists what is missing"
        )
    if "out of memory" in lowered:
        allow = "its server is full"
        if is_file:
            allow = f"allow it more with {MEMORY_VARIABLE}=2GB" if memory_options(url) else "free some"
        return WarehouseError(f"there is too little memory for what was asked of {address}: {allow} ({reason})")
    if re.search(r"\block(ed)?\b", lowered):
        said = f"{address} is being written by another program; try again when it is done ({reason})"
        return DatabaseUnavailable(said)
    if "different configuration" in lowered:  # DuckDB, of a file that this process has open
        return WarehouseError(f"{address} is open in this very program, for reading or writing; restart it ({reason})")
    if "no space left" in lowered or "disk is full" in lowered:
        return WarehouseError(f"{address} has no room left on its disk ({reason})")
    if any(words in lowered for words in _NOT_PERMITTED):
        grant = "; docs/postgresql.md has what to grant" if url.get_backend_name() == "postgresql" else ""
        return WarehouseError(f"{address} may not be used by this user ({reason}){grant}")
    is_remote = isinstance(error, (OperationalError, InterfaceError)) and not is_file
    return (DatabaseUnavailable if is_remote else WarehouseError)(f"{address} does not answer ({reason})")


def about_tables(select) -> str:
    """Which tables a question is about, for people to read."""
    named = {element.name for element in visitors.iterate(select) if isinstance(element, Table)}
    return f" about {' and '.join(sorted(named))}" if named else ""


def first_line(error, address: str | URL) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    for password in _passwords(address):
        text = text.replace(password, "***")
    return text


def _passwords(address: str | URL) -> list[str]:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return []
    return [str(secret) for secret in (url.password, *map(url.query.get, PASSWORD_OPTIONS)) if secret]
