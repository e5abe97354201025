"""Making reports, several at a time; one that fails does not stop the others."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path

from reportlib.publishing.files import file_name
from reportlib.publishing.index import write_index
from reportlib.publishing.lock import alone_in
from reportlib.publishing.making import Making, Result
from reportlib.publishing.parameters import Report


class Watch:
    """Who wants to know how a run goes; this one does not."""

    def begins(self, total: int):
        """So many reports will be made."""

    def ends(self, result: Result):
        """One of them is made, or failed."""

    def says(self, text: str):
        """Something else worth a line in the log."""


def run_reports(
    reports: list[Report], output: Path, how: Making | None = None, watch: Watch | None = None
) -> list[Result]:
    """Make every report in the folder `output`, then its index.html; the results in the order of the reports.

    Raises FolderInUse while another run is at it, OutputError when the folder cannot be written.
    """
    pages, watch = {output / f"{name}.html": report for name, report in named(reports).items()}, watch or Watch()
    results = {}
    with alone_in(output):
        try:
            with closing(make_reports(pages, how or Making(), watch)) as made:
                results = {result.page: result for result in made}
        finally:
            write_index(output)
    return [results[page] for page in pages]


def make_reports(pages: dict[Path, Report], how: Making, watch: Watch) -> Iterator[Result]:
    """Make each report at its page, `how.jobs` at a time, each in a kernel of its own; the results as they come.

    Ctrl-C, the end of the iteration, or an error that concerns all, ends those under way: their kernels are gone and
    nothing of them is left.
    """
    if not pages:
        return  # without the imports below, which take a second and more
    from reportlib.publishing.forked_kernels import forking
    from reportlib.publishing.one_report import make_report
    from reportlib.publishing.pdf import pdf_library

    if how.pdf:
        pdf_library()  # or say at once that it is missing
    stop = Future()
    watch.begins(len(pages))
    with forking(watch.says, how.cold) as template, ThreadPoolExecutor(how.jobs) as pool:
        making = [pool.submit(make_report, report, page, how, stop, template) for page, report in pages.items()]
        try:
            for made in as_completed(making):
                watch.ends(made.result())
                yield made.result()
        except BaseException:
            stop.set_result(None)
            pool.shutdown(cancel_futures=True)
            raise


def named(reports: list[Report]) -> dict[str, Report]:
    """A file name for each report: its notebook and subject; where that is not enough its parameter file, the folder of
    that, and its place among the reports."""
    names = [f"{report.notebook.stem}-{file_name(report.subject)}" for report in reports]
    sources = [report.source.resolve() for report in reports]
    places = map(str, range(1, len(reports) + 1))
    for further in ([source.stem for source in sources], [source.parent.name for source in sources], places):
        names = [
            name if names.count(name) == 1 else f"{name}-{file_name(more)}"
            for name, more in zip(names, further, strict=True)
        ]
    return dict(zip(names, reports, strict=True))
