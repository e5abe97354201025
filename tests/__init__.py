import os
from collections.abc import Iterable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def examples(few: int) -> int:
    """So many random examples in each run of the tests, always the same ones; ten times as many, new ones, in
    `make explore`."""
    return 10 * few if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else few


def few(cases: Iterable, quick: int = 1) -> list:
    """Cases of a test: the first so many in each run, the others where all that is slow is run."""
    cases = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=pytest.mark.slow if at >= quick else ()) for at, case in enumerate(cases)]
