"""What a report's files are called: by what it is, whatever else is made beside it."""

import hashlib
import re
import unicodedata

LONGEST_NAME = 80  # characters of an id that a file name keeps; file systems allow 255 bytes in all
APART = "--"  # between two ids: `file_name` puts none within one
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)  # names Windows keeps for devices


def file_name(text) -> str:
    """A name for a file from any id: lower-case letters, digits, underscores and dashes, as far as the id has them.

    An id that had to be changed keeps apart from others by a short hash of itself, so that two ids never share a file,
    on a disk that takes A and a for the same neither.
    """
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_]+", "-", plain)[:LONGEST_NAME].strip("-")
    if name and name == str(text) and not _RESERVED.fullmatch(name):
        return name
    return f"{name or 'id'}-{short_hash(str(text))}"


def joined(ids: list, word: str) -> str:
    """A file name for several ids, "a-vs-b"; ids that hold the word themselves do not make two lists one."""
    name = file_name(word.join(map(str, ids)))
    return f"{name}-{short_hash(repr(ids))}" if any(word in str(one) for one in ids) else name


def short_hash(text: str) -> str:
    """Eight characters that stand for a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
