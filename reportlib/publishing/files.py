"""Files that a reader never sees half-written, and names for them."""

import hashlib
import os
import re
import secrets
import tempfile
import unicodedata
from contextlib import contextmanager
from pathlib import Path

from reportlib.errors import OutputError

LONGEST_NAME = 80  # characters of an id that a file name keeps; file systems allow 255 bytes in all
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)  # names Windows keeps for devices


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write under a temporary name in the same folder, then rename: there is the old file or the new one, never half.

    The folder is made where it is missing. Raises OutputError when something cannot be written; nothing is left
    behind then.
    """
    with written_whole(path) as temporary, temporary.open("xb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


@contextmanager
def written_whole(path: Path):
    """The temporary name under which to write a file that is to be renamed to `path` as a whole, as `write_whole`."""
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())  # or a power cut after the rename could leave an empty file
            temporary.replace(path)
        except BaseException:  # Ctrl-C too
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def require_folder(path: Path) -> Path:
    """The folder, made where it is missing and seen to be writable. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise OutputError(f"the folder {path} cannot be written to: {error.strerror or error}") from None


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


def short_hash(text: str) -> str:
    """Eight characters that stand for a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
