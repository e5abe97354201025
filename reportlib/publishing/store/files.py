"""Files that a reader never sees half-written."""

import errno
import fcntl
import glob
import json
import os
import secrets
import stat
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from reportlib.errors import OutputError
from reportlib.publishing.store.object_store import is_store, put

_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    lambda mode: True: "a device",
}


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write under a temporary name in the same folder, then rename: there is the old file or the new one, never half.

    A link leads to the file it names, and a file that is there keeps its mode. The folder is made where it is missing;
    an object store takes objects as a whole anyway. Raises OutputError when something cannot be written, or is no
    regular file; nothing is left behind then.
    """
    content = content.encode() if isinstance(content, str) else content
    if is_store(path):
        put(path, content)
        return path
    with written_whole(path) as temporary:
        temporary.write_bytes(content)
    return path


def write_together(contents: dict[Path, bytes]):
    """Write files as `write_whole`, all of them or none: none has its name before there was room for all."""
    with ExitStack() as written:
        for path, content in contents.items():
            if is_store(path):
                put(path, content)
                continue
            with written.enter_context(written_whole(path)).open("wb") as file, _explained(path):
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


@contextmanager
def written_whole(path: Path):
    """The temporary name under which to write a file that is to be renamed to `path` as a whole, as `write_whole`.

    There is an empty file, locked for as long as this process writes it; see `without_unfinished`.
    """
    with _explained(path):
        target, mode = _target(path)
        temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.tmp")
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as held:
            try:
                with suppress(OSError):  # where files cannot be locked
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield temporary
                os.fsync(held.fileno())  # or a power cut after the rename could leave an empty file
                if mode is not None:
                    temporary.chmod(mode)
                temporary.replace(target)
            except BaseException:  # Ctrl-C too
                temporary.unlink(missing_ok=True)
                raise


def _target(path) -> tuple[Path, int | None]:
    """The file that is to be written, wherever links lead, and the mode it has; None for a new one."""
    target = path.resolve()
    try:
        found = target.stat()
    except FileNotFoundError:
        return target, None
    require_regular(found, path)
    return target, stat.S_IMODE(found.st_mode)


def require_regular(found: os.stat_result, path: Path):
    """Raise OutputError for what is no regular file: to rename one over a device would replace that by a file."""
    if not stat.S_ISREG(found.st_mode):
        kind = next(name for is_kind, name in _KINDS.items() if is_kind(found.st_mode))
        raise OutputError(f"{path} is {kind}: name a file")


@contextmanager
def _explained(path):
    """What the system says as an OutputError, which names the file that it is about, where that is another."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        if isinstance(error, RuntimeError) and "ymlink loop" not in str(error):
            raise
        about, why = getattr(error, "filename", None), getattr(error, "strerror", None) or error
        ours = about is None or Path(os.fsdecode(about)).name.startswith(f".{path.name[:40]}.") or about == str(path)
        raise OutputError(f"{path} cannot be written: {'' if ours else f'{about}: '}{why}") from None


def append_lines(path: Path, records: list[dict]):
    """Add records, a line of JSON each, to a file that only grows; on disk when this returns.

    A last line that a crash cut short is ended first, so that it costs no other. In an object store the file is put
    anew: only for who has the folder to itself. Raises OutputError.
    """
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    if is_store(path):
        put(path, (path.read_bytes() if path.exists() else b"") + lines.encode(errors="replace"))
        return
    with _explained(path):
        path, _ = _target(path)
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


def _sync_name(path):
    """Make a new file's name last through a power cut."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path) -> bytes:
    """What is in a file. Raises OSError, also for what is no regular file: to read a pipe would wait for who writes."""
    if not is_store(path) and path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return path.read_bytes()


def read_lines(path: Path) -> list[dict]:
    """The records that `append_lines` wrote, without any that a crash cut short; none where there is no file."""
    try:
        lines = read_whole(path).split(b"\n")  # and not at what else Unicode calls the end of a line
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror or error}") from None
    records = []
    for line in lines:
        with suppress(ValueError):
            records.append(json.loads(line))
    return [record for record in records if isinstance(record, dict)]


def without_unfinished(folder: Path, name: str = "") -> Path:
    """The folder, without what a killed run was just writing there, of the file `name` or of all; what a process that
    is alive is writing is locked."""
    for file in () if is_store(folder) else folder.glob(f".{glob.escape(name[:40])}*.tmp"):
        with suppress(OSError), file.open("rb") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        about = "" if error.filename in (None, str(path)) or not path.exists() else f"{error.filename}: "
        raise OutputError(f"the folder {path} cannot be written to: {about}{error.strerror or error}") from None
