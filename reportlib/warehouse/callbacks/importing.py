"""Importing callbacks: batch after batch, each whole or not at all, so that an import can be stopped and repeated."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count

from reportlib.scratch import scratch_folder
from reportlib.warehouse.callbacks import message_table, told
from reportlib.warehouse.callbacks.batch import CUT_NOTE, UNKNOWN, Batch, as_bytes
from reportlib.warehouse.callbacks.fold import fold_some
from reportlib.warehouse.callbacks.merging.merging import forget_rejections, merge_callbacks, reject, some_rejections
from reportlib.warehouse.callbacks.message_table.merging import merge_detailed
from reportlib.warehouse.callbacks.message_table.owners import date_undated
from reportlib.warehouse.callbacks.message_table.staging import DetailedBatch
from reportlib.warehouse.callbacks.payloads import follow_payloads, read_payloads
from reportlib.warehouse.callbacks.speakers import SPEAKERS
from reportlib.warehouse.callbacks.summary import PLACES, ImportSummary
from reportlib.warehouse.callbacks.target import connected, open_target, transaction
from reportlib.warehouse.connection import address_to, shown

FIRST_BATCH = 100_000  # callbacks; each batch is twice the one before
REJECTED, REJECTED_BYTES = 50_000, 32 << 20  # at a time
FOLDED = 500_000  # messages at a time
FOLLOWED_S = 1.0  # between two commits while a file is followed, at most


class Importer:
    """Takes payloads of one provider and writes them batch by batch, each in a transaction of its own.

    A batch is written while the next one is read: the database does not need Python for most of its work.
    """

    def __init__(self, provider: str, url: str | None = None):
        self._provider = provider
        address = address_to("import into", url)
        self._engine = open_target(address, anew=provider == message_table.PROVIDER)
        self._numbers, self._size = count(), FIRST_BATCH
        self._held = ExitStack()
        self._folder = self._held.enter_context(scratch_folder("import"))
        self._batch = self._new_batch()
        self._writer, self._written = ThreadPoolExecutor(1), None
        self.summary = ImportSummary(shown(address))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._writer.shutdown()
        self._engine.dispose()
        self._held.close()

    def add(self, payload: bytes):
        """Take a payload; when there is a batch of them, they are written."""
        batch = self._batch
        batch.add(payload)
        if batch.staged >= self._size or len(batch.rejections) >= REJECTED or batch.kept_bytes >= REJECTED_BYTES:
            self._hand_over()
            self._size = min(2 * self._size, batch.largest)

    def begin(self, source: str):
        """What is added from now on is of this file."""
        self._batch.begin(source)

    def commit(self):
        """Write what was taken, and let other programs at the database until there is more."""
        if len(self._batch):
            self._hand_over()
        self._wait()
        self._fold()
        self._engine.dispose()

    def rejections(self) -> Iterator[list[tuple[str, str]]]:
        """What was rejected of this provider, in lists of key and payload."""
        after = ""
        while True:
            with connected(self._engine) as connection:
                found = [tuple(row) for row in connection.execute(some_rejections(self._provider, after, REJECTED))]
            if not found:
                return
            yield found
            after = found[-1][0]

    def take_up(self, rejected: list[tuple[str, str]]):
        """Import rejections anew, given by key and payload; those that still cannot be used are kept."""
        whole = [(key, payload) for key, raw in rejected if (payload := as_bytes(raw)) is not None]
        for _, payload in whole:
            self._batch.add(payload)
        self._hand_over([key for key, _ in whole])
        self.commit()

    def _new_batch(self) -> Batch | DetailedBatch:
        if self._provider == message_table.PROVIDER:
            return DetailedBatch()
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return Batch(self._provider, folder)

    def _hand_over(self, taken_up=()):
        self._batch.finish()
        self._wait()
        batch, self._batch = self._batch, self._new_batch()
        if batch.source:
            self._batch.begin(batch.source)
        self._written = self._writer.submit(self._write, batch, taken_up)

    def _wait(self):
        if self._written:
            self._written.result()
            self._written = None

    def _write(self, batch: Batch | DetailedBatch, taken_up):
        merge: Callable = merge_detailed if self._provider == message_table.PROVIDER else merge_callbacks
        reasons: Counter[str] = Counter()
        with transaction(self._engine) as connection:
            forget_rejections(connection, taken_up)
            merged = merge(connection, batch)
            for rejections in _rejections(batch, merged.unmatched):
                reject(connection, rejections)
                reasons.update(_in_common(reason) for _, _, reason, _ in rejections)
        batch.close()
        for reason, places in batch.places.items():
            self.summary.places[reason] = [*self.summary.places.get(reason, []), *places][:PLACES]
        self.summary.read_of.update(batch.read_of)
        self.summary.refused_of.update(batch.refused_of)
        self.summary.read += len(batch)
        self.summary.imported += merged.imported
        self.summary.duplicates += merged.duplicates
        self.summary.rejected += reasons.total()
        self.summary.reasons += reasons

    def _fold(self):
        """Bring the messages up to date, those that an import which was killed left behind too."""
        more = True
        while more:
            with transaction(self._engine) as connection:
                more = fold_some(connection, FOLDED)
                if not more and self._provider == told.PROVIDER:
                    date_undated(connection)


def import_callbacks(provider: str, sources: Iterable[str], url: str | None = None) -> ImportSummary:
    """Import a provider's callbacks from files, folders or "-" into the database at `url`, or CAMPAIGN_DATABASE_URL.

    What was imported before changes nothing, so that an import that was stopped is repeated. What cannot be used goes
    to the table rejected_events with the reason.

    Raises
    ------
    InvalidData : a file cannot be read; what came before it is imported
    WarehouseError : there is no database with the contract's tables, or it refuses
    """
    return import_payloads(provider, lambda tell: read_payloads(sources, tell), url)


def import_payloads(
    provider: str, payloads: Callable[[Callable[[str], None]], Iterable[bytes]], url: str | None
) -> ImportSummary:
    """Import what `payloads` yields, told of each file that begins; what came before an error is kept."""
    with Importer(provider, url) as importer:
        try:
            for payload in payloads(importer.begin):
                importer.add(payload)
        finally:
            importer.commit()
        return importer.summary


def follow_callbacks(
    provider: str, path: str, url: str | None = None, tell: Callable[[ImportSummary], None] = lambda _: None
) -> ImportSummary:
    """Import a file's callbacks, then those that are appended to it, until Ctrl-C.

    They are committed when there are no more for the moment, else once in FOLLOWED_S; `tell` hears of it. Between two
    commits other programs may read the database. Raises as `import_callbacks`.
    """
    with Importer(provider, url) as importer:
        waiting_since = None
        try:
            for payload in follow_payloads(path):
                if payload is not None:
                    importer.add(payload)
                    waiting_since = waiting_since or time.monotonic()
                if waiting_since and (payload is None or time.monotonic() - waiting_since >= FOLLOWED_S):
                    importer.commit()
                    tell(importer.summary)
                    waiting_since = None
        except KeyboardInterrupt:
            importer.commit()
        return importer.summary


def retry_rejected(url: str | None = None) -> list[ImportSummary]:
    """Import what was rejected once more, now that its messages may be known; a summary per provider that has some.

    What still cannot be used stays in rejected_events. Raises WarehouseError.
    """
    summaries = []
    for provider in (message_table.PROVIDER, *SPEAKERS):
        with Importer(provider, url) as importer:
            for rejected in importer.rejections():
                importer.take_up(rejected)
            if importer.summary.read:
                summaries.append(importer.summary)
    return summaries


def _in_common(reason: str) -> str:
    """A reason without what it says of its own payload only."""
    return UNKNOWN if reason.startswith(UNKNOWN) else reason.partition(CUT_NOTE)[0]


def _rejections(batch: Batch | DetailedBatch, unmatched: list[tuple]) -> Iterator[list[tuple]]:
    """The rows of rejected_events, some at a time: each has its payload."""
    yield batch.rejections
    for start in range(0, len(unmatched), REJECTED):
        yield [batch.rejection(*row) for row in unmatched[start : start + REJECTED]]
