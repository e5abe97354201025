"""Reading payloads from files, folders and standard input: JSON, JSON Lines, forms, gzip of any, in flat memory."""

import base64
import codecs
import gzip
import io
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

import orjson

from reportlib.errors import InvalidData
from reportlib.warehouse.callbacks.lines import LONGEST, TooLong, is_cut, joined, stripped, to_its_end
from reportlib.warehouse.callbacks.model import Unusable, brief

STANDARD_INPUT = "-"
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # as PowerShell writes what is redirected to a file
_CHUNK = 1 << 20
_BETWEEN = re.compile(r"[\s,\[\]]*")  # what stands between the payloads of a document: arrays are taken apart
_NEXT = re.compile(r"\n(?=[{\[]|[\w.%+-]+=)")  # where reading goes on after a broken payload: a document, or a form
_FORM = re.compile(r"[\w.%+-]+=")
_DECODER = json.JSONDecoder()


def read_payloads(sources: Iterable[str], tell: Callable[[str], None] = lambda _: None) -> Iterator[bytes]:
    """Each payload of the files, folders (with all files below, by name) or "-", standard input, as it stands there.

    A file that begins as a JSON document of several lines is read as a row of documents, the elements of an array one
    by one; another holds a payload on each line. What is broken is handed out too, of a line that is too long its
    beginning, as `TooLong`. `tell` hears the name of each file before its payloads. Raises InvalidData where a file
    cannot be read, after what could be.
    """
    for path in _files(sources):
        tell(str(path))
        try:
            with _open(path) as stream:
                yield from _payloads(stream)
        except (OSError, EOFError, zlib.error, UnicodeError) as error:  # EOFError, zlib.error: a damaged .gz
            reason = getattr(error, "strerror", None) or error
            raise InvalidData(f"{path} cannot be read to its end ({reason})") from None


def follow_payloads(path: str, pause_s: float = 0.1) -> Iterator[bytes | None]:
    """Each line of a file, then those that are appended to it, for ever; None whenever it has no more for now.

    A file that is cut or replaced, as logs are rotated, is read from its beginning. Raises InvalidData where there is
    none to begin with.
    """
    if not Path(path).is_file():
        raise InvalidData(f"there is no file {brief(path)} to follow")
    while True:
        with Path(path).open("rb") as stream:
            yield from _appended(stream, Path(path), pause_s)


def decode(payload: bytes):
    """The JSON value or the form (a dict of texts) of a payload. Raises Unusable.

    Of an envelope {"received_at": …, "body": …}, as a listener may write it, the body, with received_at in it; so, too,
    of a request as API Gateway and Lambda hand it on.
    """
    if type(payload) is TooLong:
        raise Unusable(f"is a line of {payload.length:,} bytes: more than {LONGEST:,} are not read")
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        value = _form(payload)
        if value is None:
            raise Unusable(f"is not JSON ({error.msg.partition(':')[0]})") from None
    if type(value) is dict and "body" in value and ("received_at" in value or "requestContext" in value):
        return _body(value)
    return value


def is_payload(line: bytes) -> bool:
    """Whether a line is a whole payload, not a part of one."""
    try:
        decode(line)
    except Unusable:
        return False
    return True


def refuse_device(path: Path):
    """Raises InvalidData for what is no file and may have no end, as /dev/zero."""
    if path.is_char_device():
        raise InvalidData(f"{path} is a device, and no file")


def _body(envelope: dict):
    body, request = envelope["body"], envelope.get("requestContext")
    if isinstance(body, str):
        content = body.encode(errors="replace")
        if envelope.get("isBase64Encoded") is True:
            try:
                content = base64.b64decode(content, validate=True)
            except ValueError:
                raise Unusable("has a body that is said to be base64, and is not") from None
        body = decode(content)
    at = envelope.get("received_at")
    if at is None and isinstance(request, dict):
        at = request.get("timeEpoch") or request.get("requestTimeEpoch")
    return {**body, "received_at": at} if at is not None and isinstance(body, dict) else body


def _form(payload: bytes) -> dict | None:
    if b"=" not in payload or payload[:1] in (b"{", b"["):
        return None
    try:
        return dict(parse_qsl(payload.decode().strip(), keep_blank_values=True, strict_parsing=True)) or None
    except ValueError:
        return None


def _files(sources):
    for source in sources:
        if source == STANDARD_INPUT:
            yield source
            continue
        path = Path(source)
        if not os.path.exists(source):  # noqa: PTH110  which takes a name that is too long for one that is not there
            raise InvalidData(f"there is no file or folder {brief(source)}")
        refuse_device(path)
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (one for one in below if one == path or (one.is_file() and not one.name.startswith(".")))


def _open(path):
    stream = sys.stdin.buffer if path == STANDARD_INPUT else path.open("rb", _CHUNK)
    buffered = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    content = gzip.GzipFile(fileobj=buffered) if buffered.peek(2)[:2] == _GZIP else buffered
    return codecs.EncodedFile(content, "utf-8", "utf-16") if content.peek(2)[:2] in _UTF_16 else content


def _payloads(stream) -> Iterator[bytes]:
    first = b""
    while not first.strip():
        first = stream.readline(LONGEST)
        if not first:
            return
    begins = (b"[",) if is_cut(first) else (b"[", b"{")  # an array is taken apart, however long its one line is
    begun = first.removeprefix(codecs.BOM_UTF8)
    is_document = begun.lstrip()[:1] in begins and not is_payload(begun)
    yield from _documents(begun, stream) if is_document else _lines(first, stream)


def _lines(line: bytes, stream) -> Iterator[bytes]:
    while line:
        if is_cut(line):
            yield stripped(to_its_end(line, stream))
        elif line := line.strip().removeprefix(codecs.BOM_UTF8):  # of files that were put one behind the other
            yield line
        line = stream.readline(LONGEST)


def _appended(stream, path: Path, pause_s: float) -> Iterator[bytes | None]:
    """The whole lines of a file that grows, until another file, or a shorter one, has its name."""
    begun = b""
    while True:
        while chunk := stream.readline(LONGEST):
            begun = joined(begun, chunk)
            if chunk.endswith(b"\n"):
                if line := stripped(begun):
                    yield line
                begun = b""
        yield None
        time.sleep(pause_s)
        with suppress(FileNotFoundError):  # between two files, when a log is rotated
            now = path.stat()
            if now.st_ino != os.fstat(stream.fileno()).st_ino or now.st_size < stream.tell():
                if line := stripped(begun):
                    yield line
                return


def _documents(first: bytes, stream) -> Iterator[bytes]:
    text, at, wanted, ended = _text(first), 0, _CHUNK, False
    while True:
        while len(text) - at < wanted and not ended:
            chunk = stream.read(_CHUNK)
            ended = not chunk
            text, at = text[at:] + _text(chunk), 0
        at += len(_BETWEEN.match(text, at)[0])  # type: ignore[index]  # it matches anywhere
        if at == len(text):
            if ended:
                return
            continue
        try:
            end = _line_end(text, at) if _FORM.match(text, at) else _DECODER.raw_decode(text, at)[1]
        except (json.JSONDecodeError, RecursionError) as error:
            following = None if _is_cut_off(error, text) else _NEXT.search(text, at)
            if following is None and not ended and len(text) - at < LONGEST:
                wanted = 2 * (len(text) - at)
                continue
            following = following or _NEXT.search(text, at)
            end = following.start() if following else len(text)
        yield text[at:end].strip().encode(errors="surrogateescape")
        at, wanted = end, _CHUNK


def _line_end(text, at) -> int:
    found = text.find("\n", at)
    return found if found >= 0 else len(text)


def _is_cut_off(error, text) -> bool:
    """Whether what was read so far might be the beginning of something whole."""
    if isinstance(error, RecursionError):
        return False
    return error.pos >= len(text) - 8 or error.msg.startswith("Unterminated string")  # 8: within a literal or an escape


def _text(content: bytes) -> str:
    return content.decode(errors="surrogateescape")
