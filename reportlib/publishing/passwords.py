"""Keeping the database's password out of what is published."""

import os
import re
from urllib.parse import unquote

from reportlib.warehouse.connection import ADDRESS_VARIABLE

_PASSWORD = re.compile(r"://[^:/@]*:([^/]*)@|[?&]\w*password=([^&]*)", re.IGNORECASE)


def without_password(text: str) -> str:
    """The text without the password of CAMPAIGN_DATABASE_URL, as it stands there or with its % escapes resolved."""
    found = _PASSWORD.findall(os.environ.get(ADDRESS_VARIABLE, ""))
    written = [password for either in found for password in either if password]
    for password in {*written, *map(unquote, written)}:
        text = text.replace(password, "***")
    return text
