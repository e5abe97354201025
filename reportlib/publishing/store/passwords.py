"""Keeping the database's password out of what is published."""

import json
import os
import re
from urllib.parse import quote, unquote, unquote_plus

from reportlib.warehouse.connection import ADDRESS_VARIABLE

PASSWORD_VARIABLE = "PGPASSWORD"  # libpq's
_PASSWORD = re.compile(r"://[^:/@]*:([^/]*)@|[?&]\w*password=([^&]*)", re.IGNORECASE)


def without_password(text: str) -> str:
    """The text without the password of CAMPAIGN_DATABASE_URL or of PGPASSWORD, as it stands there, with its % escapes
    resolved, with all that can be escaped, or as JSON has it."""
    found = _PASSWORD.findall(os.environ.get(ADDRESS_VARIABLE, ""))
    written = {password for either in found for password in either}
    plain = {*written, *map(unquote, written), *map(unquote_plus, written), os.environ.get(PASSWORD_VARIABLE, "")}
    escaped = [escape(password) for password in plain for escape in (_in_an_address, _in_json)]
    for password in sorted({*plain, *escaped} - {""}, key=len, reverse=True):
        text = text.replace(password, "***")
    return text


def _in_an_address(password):
    return quote(password, safe="")


def _in_json(password):
    return json.dumps(password)[1:-1]
