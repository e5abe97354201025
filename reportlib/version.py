"""Which code made a report."""

import subprocess
from functools import lru_cache
from pathlib import Path

from reportlib import __version__


@lru_cache
def code_version() -> str:
    """The package's version, and the commit where this is a git checkout: "0.1.0 (3f2a1bc, changed)"."""
    describe = ["git", "describe", "--always", "--dirty=, changed", "--abbrev=7", "--exclude=*"]
    try:
        told = subprocess.run(describe, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return __version__  # no git here: the version alone
    return f"{__version__} ({told.stdout.strip()})" if told.returncode == 0 else __version__
