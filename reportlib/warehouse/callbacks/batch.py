"""Payloads on their way into the database: their callbacks as rows, and what cannot be used, with the reason."""

import hashlib
import shutil
import time
from array import array
from bisect import bisect_right
from collections import Counter
from os import SEEK_END
from pathlib import Path

import orjson

from reportlib.definitions import EVENT_KINDS
from reportlib.warehouse.callbacks import told
from reportlib.warehouse.callbacks.model import Unusable, brief, named
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.callbacks.speakers import SPEAKERS, names_in_messages
from reportlib.warehouse.callbacks.summary import PLACES
from reportlib.warehouse.engines import as_lines

EARLIEST_MS = 946_684_800_000  # 2000-01-01: none of these providers is older
FUTURE_MS = 86_400_000  # of a clock that is wrong, or a zone that is
BUFFER = 1 << 20
ROWS_AT_ONCE = 1_000
KEPT_BYTES = 1 << 18  # of a payload that cannot be used
CUT_NOTE = " (of its "
BYTES, CUT = "bytes:", " …cut"  # how a text begins that stands for bytes which are none, and ends that is not whole
UNKNOWN, NAMES_NONE = "its message is not in the database", "names no message, and none to this person fits"
PIECES = 24  # bits for the number of a piece in its payload
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


class Rejections:
    """What cannot be used, as `rejected_events` has its columns, and how many of each file it is."""

    def __init__(self, provider: str):
        self.provider = provider
        self.rejections: list[tuple] = []
        self.staged = self._counted = 0
        self.kept_bytes = 0
        self.places: dict[str, list[str]] = {}
        self.source = ""  # the file that is read
        self.read_of: Counter[str] = Counter()  # by file
        self.refused_of: Counter[str] = Counter()

    def __len__(self):
        return self.staged + len(self.rejections)

    def begin(self, source: str):
        """What comes from now on is of this file."""
        self._count()
        self.source = source

    def finish(self):
        """Nothing comes any more."""
        self._count()

    def _count(self):
        """What came since the last call was of this file: told by file, for there are too many to tell of each."""
        self.read_of[self.source] += len(self) - self._counted
        self._counted = len(self)

    def refuse(self, raw: bytes, reason: str, place: str | None = None):
        """Keep a payload that nothing can be made of; the same one is kept once."""
        self.rejections.append(self.refusal(raw, reason, place))
        self.refused_of[self.source] += 1

    def refusal(self, raw: bytes, reason: str, place: str | None = None) -> tuple:
        """The row of rejected_events for a payload; where it stands is told of the first with a reason."""
        self.tell_place(reason, place)
        digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
        text = as_text(raw)
        self.kept_bytes += len(text)
        return f"{self.provider}:unusable:{digest}", self.provider, reason + cut_note(raw), text

    def tell_place(self, reason: str, place: str | None):
        """Remember where the first few with a reason stand."""
        if place and len(places := self.places.setdefault(reason, [])) < PLACES and place not in places:
            places.append(place)


class Batch(Rejections):
    """Callbacks in a file, ready to be merged, and where each came from, for those that have no message.

    The columns are those of `matching.staged`, as `stage_lines` reads them; no cell holds a control character.
    """

    largest = 400_000  # callbacks

    def __init__(self, provider: str, folder: Path):
        """Empty, its files in a folder of its own."""
        super().__init__(provider)
        self.file = folder / "callbacks"
        self._begun: list[tuple[int, str]] = []  # the payload with which a file begins
        self.names_messages = True  # all of them; False where one has to be told by its recipient
        self._payloads = (folder / "payloads").open(
            "w+b", BUFFER
        )  # not in memory: hardly any of them is asked for again
        self._starts = array("q", [0])  # of each payload, where it begins; and where the last one ends
        self._origins = array("q")  # of each row: the payload, and which of its pieces
        self._latest_ms = int(time.time() * 1000) + FUTURE_MS
        self._module = SPEAKERS[provider]
        self._lines = self.file.open("wb", BUFFER)
        self._rows: list[tuple] = []

    def finish(self):
        """Nothing comes any more: the file is whole."""
        super().finish()
        if self._rows:
            self._write()
        self._lines.close()

    def close(self):
        """It is in the database: its files go."""
        self._payloads.close()
        shutil.rmtree(self.file.parent)

    def add(self, payload: bytes):
        """Every callback of a payload, or the reason why there is none."""
        try:
            pieces = self._module.pieces(decode(payload))
        except Unusable as unusable:
            self.refuse(payload, str(unusable), self._place(payload))
            return
        except _MALFORMED as error:
            self.refuse(payload, f"is not as the provider documents it ({brief(error)})")
            return
        if not pieces:
            self.refuse(payload, "is empty")
            return
        self._payloads.write(payload)
        first = len(self._starts) - 1 << PIECES
        self._starts.append(self._starts[-1] + len(payload))
        for origin, piece in enumerate(pieces, first):
            try:
                callbacks = named(self._module.callbacks(piece))
            except Unusable as unusable:
                self.refuse(_dumped(piece, payload), str(unusable), self._place(payload))
                continue
            except _MALFORMED as error:
                self.refuse(_dumped(piece, payload), f"is not as the provider documents it ({brief(error)})")
                continue
            for callback in callbacks:
                self._take(callback, origin)

    def begin(self, source: str):
        """What comes from now on is of this file."""
        super().begin(source)
        self._begun.append((len(self._starts) - 1, source))

    def rejection(self, row: int, key: str, message: str | None) -> tuple:
        """The row of rejected_events for a callback whose message nobody knows."""
        origin = self._origins[row]
        if self._begun:
            begun = bisect_right(self._begun, origin >> PIECES, key=lambda begun: begun[0]) - 1
            self.refused_of[self._begun[begun][1]] += 1
        reason, named, raw = NAMES_NONE, "", self._raw(origin)
        place = self._place(raw)
        if message:
            reason, names = UNKNOWN, names_in_messages(self.provider)
            named = f"provider_message_id {brief(message)}" + (f" of {' or '.join(names)}" if names else "")
        self.tell_place(reason, place or named)
        return key, self.provider, f"{reason}: {named}" if named else reason, raw

    def _take(self, callback, origin):
        key, kind, message, _, at_ms = callback[:5]
        key = f"{self.provider}:{key}"
        if at_ms is None:
            problem = kind in EVENT_KINDS and message is None and "has no time"
        else:
            problem = not EARLIEST_MS <= at_ms <= self._latest_ms and "has an impossible time"
        if problem:
            raw = self._raw(origin)
            self.tell_place(problem, self._place(raw))
            self.rejections.append((key, self.provider, problem, raw))
            self.refused_of[self.source] += 1
            return
        if message is None:
            self.names_messages = False
        self._rows.append((key, self.staged, *callback[2:], kind))
        self._origins.append(origin)
        self.staged += 1
        if len(self._rows) == ROWS_AT_ONCE:
            self._write()

    def _write(self):
        self._lines.write(as_lines(self._rows, self.provider))
        self._rows.clear()

    def _place(self, raw: bytes | str) -> str | None:
        """Where in its file the row of a table stands."""
        if self._module is not told:
            return None
        row = as_bytes(raw) if isinstance(raw, str) else raw
        return decode(row).get("place") if row is not None else None

    def _raw(self, origin: int) -> str:
        """The piece that a callback was made from, as text that can be read again."""
        start, end = self._starts[origin >> PIECES], self._starts[(origin >> PIECES) + 1]
        self._payloads.seek(start)
        payload, number = self._payloads.read(end - start), origin & (1 << PIECES) - 1
        self._payloads.seek(0, SEEK_END)
        return as_text(_dumped(self._module.pieces(decode(payload))[number], payload))


def _dumped(piece, payload: bytes) -> bytes:
    """A piece as JSON; where it cannot be written (it is nested too deep), the payload that it came in."""
    try:
        return orjson.dumps(piece)
    except TypeError:
        return payload


def cut_note(raw: bytes) -> str:
    """What a reason says of a payload that is too long to be kept whole."""
    length = getattr(raw, "length", len(raw))  # which a line says of itself that is not whole here
    return f"{CUT_NOTE}{length:,} bytes the first {KEPT_BYTES:,} are kept)" if length > KEPT_BYTES else ""


def as_text(raw: bytes) -> str:
    """A payload as text that `as_bytes` makes the same bytes of; one that is too long is cut, and says so."""
    if len(raw) > KEPT_BYTES:
        return as_text(raw[:KEPT_BYTES].rstrip()) + CUT
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = BYTES
    if "\x00" in text or text.startswith(BYTES) or text.endswith(CUT):
        return BYTES + raw.decode("latin-1").encode("unicode_escape").decode()
    return text


def as_bytes(text: str) -> bytes | None:
    """The payload that was kept as this text; None where it was not kept whole."""
    if text.endswith(CUT):
        return None
    if text.startswith(BYTES):
        return text.removeprefix(BYTES).encode().decode("unicode_escape").encode("latin-1")
    return text.encode()
