"""Files that a reader never sees half-written."""

import json
import os
import secrets
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from reportlib.errors import OutputError
from reportlib.publishing.store.object_store import is_store, put


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write under a temporary name in the same folder, then rename: there is the old file or the new one, never half.

    The folder is made where it is missing; an object store takes objects as a whole anyway. Raises OutputError when
    something cannot be written; nothing is left behind then.
    """
    content = content.encode() if isinstance(content, str) else content
    if is_store(path):
        put(path, content)
        return path
    with written_whole(path) as temporary, temporary.open("xb") as file:
        file.write(content)
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


def append_lines(path: Path, records: list[dict]):
    """Add records, a line of JSON each, to a file that only grows; on disk when this returns.

    A last line that a crash cut short is ended first, so that it costs no other. In an object store the file is put
    anew: only for who has the folder to itself. Raises OutputError.
    """
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    if is_store(path):
        put(path, (path.read_bytes() if path.exists() else b"") + lines.encode(errors="replace"))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            is_whole = not size or os.pread(file.fileno(), 1, size - 1) == b"\n"
            file.write(b"" if is_whole else b"\n")
            file.write(lines.encode(errors="replace"))
            file.flush()
            os.fsync(file.fileno())
        if not size:
            _sync_name(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def _sync_name(path):
    """Make a new file's name last through a power cut."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_lines(path: Path) -> list[dict]:
    """The records that `append_lines` wrote, without any that a crash cut short; none where there is no file."""
    try:
        lines = path.read_bytes().split(b"\n")  # and not at what else Unicode calls the end of a line
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror or error}") from None
    records = []
    for line in lines:
        with suppress(ValueError):
            records.append(json.loads(line))
    return [record for record in records if isinstance(record, dict)]


def without_unfinished(folder: Path) -> Path:
    """The folder, without what a killed run was just writing there. Only for who has the folder to itself."""
    for file in () if is_store(folder) else folder.glob(".*.tmp"):
        file.unlink(missing_ok=True)
    return folder


def require_folder(path: Path) -> Path:
    """The folder, made where it is missing and seen to be writable; an object store has none. Raises OutputError."""
    if is_store(path):
        return path
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise OutputError(f"the folder {path} cannot be written to: {error.strerror or error}") from None
