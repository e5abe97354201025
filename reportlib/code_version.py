"""Which code made a report."""

import hashlib
import subprocess
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from reportlib.version import __version__

LIBRARIES = (
    *("altair", "duckdb", "nbconvert", "numpy", "pandas", "papermill", "sqlalchemy", "statsmodels"),
    "vl-convert-python",
)
_NO_CODE = (".pyc", ".pyo")


@lru_cache
def code_version() -> str:
    """The package's version, and the commit where this is a git checkout: "0.1.0 (3f2a1bc, changed)"."""
    describe = ["git", "describe", "--always", "--dirty=, changed", "--abbrev=7", "--exclude=*"]
    try:
        told = subprocess.run(describe, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return __version__  # no git here: the version alone
    return f"{__version__} ({told.stdout.strip()})" if told.returncode == 0 else __version__


@lru_cache
def code_fingerprint() -> str:
    """Of all code that makes a report: this package with its templates, and the libraries' versions."""
    package = Path(__file__).parent
    files = sorted(file for file in package.rglob("*") if file.is_file() and file.suffix not in _NO_CODE)
    parts = [f"{file.relative_to(package)} {content_hash(file.read_bytes())}" for file in files]
    return content_hash("\n".join([*parts, *map(version, LIBRARIES)]).encode())


def content_hash(content: bytes) -> str:
    """What tells one content from another, in 16 letters."""
    return hashlib.sha256(content).hexdigest()[:16]
