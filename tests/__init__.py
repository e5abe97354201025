import os
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def examples(few: int) -> int:
    """So many random examples in each run of the tests, always the same ones; ten times as many, new ones, in
    `make explore`."""
    return 10 * few if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else few
