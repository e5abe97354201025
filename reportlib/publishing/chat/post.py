"""Handing a message to a chat's webhook, and what its answer means: taken, refused, later, or nobody knows."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from reportlib.code_version import code_version
from reportlib.publishing.chat.address import Address
from reportlib.publishing.mail.ledger import IN_DOUBT, POSTPONED, REFUSED, SENT

TIMEOUT_S = 15  # of each step
_LATER = (408, 425, 429, 500, 502, 503)  # not taken, and perhaps a little later; 504 may have been
_ANSWER = 2_000  # bytes of an answer that are read


@dataclass(frozen=True)
class Answer:
    """What became of a message, as the ledger has it, why, and after how many seconds another try is welcome.

    `status` is HTTP's; None without an answer.
    """

    state: str
    reason: str = ""
    wait_s: float = 0.0
    status: int | None = None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A webhook has one address: what is posted goes nowhere else."""

    def redirect_request(self, *_):
        return None


def deliver(address: Address, payload: dict) -> Answer:
    """Post a message once. Where the line breaks after all of it was sent, it is in doubt whether it was taken."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"reportlib/{code_version()}"}
    content = json.dumps(payload, ensure_ascii=False).encode(errors="replace")
    request = urllib.request.Request(address.url, content, headers, method="POST")
    proxies = [urllib.request.ProxyHandler({})] if address.is_here else []
    try:
        with urllib.request.build_opener(_NoRedirects, *proxies).open(request, timeout=TIMEOUT_S) as response:
            response.read(_ANSWER)
            return Answer(SENT, status=response.status)
    except HTTPError as error:  # an answer, if not the one wished for
        return _refusal(error, address)
    except URLError as error:  # before all of it was sent
        return Answer(POSTPONED, address.without(getattr(error.reason, "strerror", None) or error.reason))
    except (OSError, HTTPException) as error:
        return Answer(IN_DOUBT, address.without(str(error) or type(error).__name__))


def _refusal(error: HTTPError, address) -> Answer:
    with error:
        try:
            said = error.read(_ANSWER).decode(errors="replace")
        except (OSError, HTTPException):
            said = ""
    reason = address.without(f"{error.code} {error.reason} {said}")
    if error.code == 504:
        return Answer(IN_DOUBT, reason, status=error.code)
    if error.code in _LATER:
        return Answer(POSTPONED, reason, _seconds(error.headers.get("Retry-After")), error.code)
    if 300 <= error.code < 400:
        reason = f"{reason}: it has moved; take the address anew from the chat"
    return Answer(REFUSED, reason, status=error.code)


def _seconds(text: str | None) -> float:
    """How long a Retry-After asks for: seconds, or until a date; 0 for none."""
    try:
        if text is None or text.strip().isdigit():
            return float(text or 0)
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return 0.0
