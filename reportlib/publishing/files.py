"""Files that a reader never sees half-written."""

import hashlib
import os
import re
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path

from reportlib.errors import OutputError

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names Windows keeps for devices
LONGEST = 80


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write under a temporary name in the same folder, then rename: there is the old file or the new one, never half.

    Raises OutputError when the folder or the file cannot be written; nothing is left behind then.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None
    return path


def require_folder(path: Path) -> Path:
    """The folder, made where it is missing and seen to be writable. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise OutputError(f"the folder {path} cannot be written to: {error.strerror or error}") from None


def file_name(text) -> str:
    """A name for a file from any id: lower-case letters, digits and dashes as far as the id has them.

    An id that had to be changed keeps apart from others by a short hash of itself.
    """
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:LONGEST]
    if name == str(text) and name == name.lower() and not _RESERVED.fullmatch(name):
        return name
    return f"{name.lower() or 'campaign'}-{hashlib.sha256(str(text).encode()).hexdigest()[:8]}"
