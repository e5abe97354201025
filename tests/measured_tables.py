"""Tables of the docs that are measured: how they are written, and put into their page."""

from collections.abc import Iterable, Sequence

from tests import PROJECT


def table(heads: Sequence, rows: Iterable[Sequence]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in [heads, ["---"] * len(heads), *rows])


def percent(share) -> str:
    return f"{100 * share:.1f}"


def put(page: str, made: str, mark: str = "made by make calibration"):
    """Put what was made into a page of the docs, in the place of all between `<!-- MARK -->` and `<!-- end -->`."""
    file = PROJECT / "docs" / page
    before, start, rest = file.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition("<!-- end -->")
    assert start and end, f"{page} has no place for what is {mark}"
    file.write_text(f"{before}{start}{made}\n{end}{after}", encoding="utf-8")
    print(made)
