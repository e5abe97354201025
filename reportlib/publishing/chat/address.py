"""The address of a chat's webhook: from the environment, and shown to nobody, since whoever has it can post there."""

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from reportlib.publishing.chat.settings import Chat, ChatError
from reportlib.publishing.page.wording import line

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SECRET = 6  # letters of a part of an address that is hidden wherever it is repeated
_PARTS = re.compile(r"[/?&=#]")


@dataclass(frozen=True)
class Address:
    """A chat and where it is reached."""

    chat: Chat
    url: str = field(repr=False)

    def __str__(self):
        return str(self.chat)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.url).hostname in LOOPBACK

    def without(self, text) -> str:
        """A text, as an error or an answer, on one line and without the address or any part of it."""
        parts = urlsplit(self.url)
        secrets = {self.url, parts.netloc, parts.path, parts.query, *_PARTS.split(parts.path + "?" + parts.query)}
        secrets |= set() if self.is_here else {parts.hostname or ""}
        told = str(text)
        for secret in sorted(secrets, key=len, reverse=True):
            told = told.replace(secret, "***") if len(secret) >= _SECRET else told
        return line(told, 200)


def address_of(chat: Chat) -> Address:
    """The address that the environment has for a chat. Raises ChatError, which never shows it."""
    url = os.environ.get(chat.variable, "").strip()
    if not url:
        raise ChatError(f"{chat}: set {chat.variable} to the address of its incoming webhook")
    try:
        parts = urlsplit(url)
        is_one = url.isascii() and url.isprintable() and " " not in url and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket or a port that is none
        is_one = False
    if not is_one or parts.scheme not in ("https", "http") or "@" in parts.netloc:
        raise ChatError(f"{chat}: {chat.variable} is no address: it should be https://… as the chat shows it")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ChatError(f"{chat}: {chat.variable} would send in clear: write https://, or a server on this machine")
    return Address(chat, url)
