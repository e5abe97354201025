"""Making reports, several at a time; one that fails does not stop the others."""

import json
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from reportlib.errors import OutputError
from reportlib.publishing.batch.named_files import named_files
from reportlib.publishing.batch.order import Making, Order, Result
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.page.index import write_index
from reportlib.publishing.page.letters import tell_of_boxes
from reportlib.publishing.store.files import without_unfinished
from reportlib.publishing.store.lock import alone_in
from reportlib.reports.naming import file_name, short_hash
from reportlib.reports.parameters import Report


class Watch:
    """Who wants to know how a run goes; this one does not."""

    def begins(self, total: int):
        """So many reports will be made."""

    def ends(self, result: Result):
        """One of them is made, or failed."""

    def says(self, text: str):
        """Something else worth a line in the log."""


def run_reports(
    reports: list[Report],
    output: Path,
    how: Making | None = None,
    watch: Watch | None = None,
    template: Template | None = None,
) -> list[Result]:
    """Make every report in the folder `output`, then its index.html; the results in the order of the reports.

    A template that is given was started while the reports were read, else they would wait for one.

    Raises FolderInUse while another run is at it, OutputError when the folder cannot be written.
    """
    pages, watch = {output / f"{name}.html": report for name, report in named(reports).items()}, watch or Watch()
    results = {}
    with alone_in(output):
        without_unfinished(output)
        try:
            with closing(make_reports(pages, how or Making(), watch, template)) as made:
                results = {result.page: result for result in made}
        finally:
            write_index(output)
    return [results[page] for page in pages]


def make_reports(
    pages: dict[Path, Report], how: Making, watch: Watch, template: Template | None = None
) -> Generator[Result]:
    """Make each report at its page, in a kernel of its own, here or where `how.scheduler` says; the results as they
    come. A report counts as made once the next result is asked for: whoever records results has recorded it then.

    Ctrl-C, the end of the iteration, or an error that concerns all, ends those under way: their kernels are gone and
    nothing of them is left.
    """
    if not pages:
        return  # without the imports below, which take a second and more
    from reportlib.presentation.look.brand.brand import brand_of
    from reportlib.publishing.batch.place import confirm, place
    from reportlib.publishing.page.pdf import pdf_library

    if how.pdf:
        pdf_library()  # or say at once that it is missing
    brand_of(None)  # or say at once what is wrong with its file
    how = replace(how, jobs=min(how.jobs, len(pages)))
    orders = {page: _order(report, how) for page, report in pages.items()}
    watch.begins(len(pages))
    boxes: set[str] = set()
    with ThreadPoolExecutor(1) as placing, closing(_made(orders, how, watch.says, template)) as making:
        for page, made in making:
            result = placing.submit(place, made, pages[page], page).result()  # Ctrl-C comes before it or after
            if how.pdf and not how.scheduler:
                boxes |= tell_of_boxes(made.files.get(".html", b"").decode(), f"{page.stem}.pdf", watch.says, boxes)
            yield result
            placing.submit(confirm, made, page).result()
            watch.ends(result)


def _order(report, how):
    try:
        return Order(report, how, report.notebook.read_bytes(), named_files(report))
    except OSError as error:
        raise OutputError(f"{report.title}: {error.filename} cannot be read: {error.strerror or error}") from None


def _made(orders, how, tell, template):
    if how.scheduler:
        from reportlib.publishing.batch.dask import made_on_cluster

        return made_on_cluster(orders, how, tell)
    from reportlib.publishing.batch.local import made_in_threads

    return made_in_threads(orders, how, tell, template)


def named(reports: list[Report]) -> dict[str, Report]:
    """A file name for each report: its own, by notebook and subject; of several on the same the name of its parameter
    file, the folder of that, and a short hash of its parameters tell them apart."""
    names = [report.name for report in reports]
    sources = [report.source.resolve() for report in reports]
    parameters = [short_hash(f"{report.source} {json.dumps(report.parameters, sort_keys=True)}") for report in reports]
    for further in ([source.stem for source in sources], [source.parent.name for source in sources], parameters):
        names = [
            name if names.count(name) == 1 else f"{name}-{file_name(more)}"
            for name, more in zip(names, further, strict=True)
        ]
    return dict(zip(names, reports, strict=True))
