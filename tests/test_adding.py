"""The pages on adding something, each followed to the letter in a copy of the code: what they say is enough."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import PROJECT, few

BLOCK = re.compile(r"^```python\n# (\S+?)(?:, behind: ([^\n]*))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALLBACKS = "tests/warehouse/callbacks"
ERRANDS = {  # files that it takes, and what is asked of the copy
    "metric": (
        4,
        ["tests/metrics/people/test_message_counts.py", "tests/metrics/test_docstrings.py"],
        "message_counts",
    ),
    "provider": (1, [f"{CALLBACKS}/test_courier.py", f"{CALLBACKS}/test_fuzz.py"], "courier"),
    "platform": (1, ["tests/warehouse/connect/test_letters.py"], "letters"),
    "engine": (4, ["tests/warehouse/engines/test_csv_folder.py"], "csv_folder"),
}


@pytest.mark.parametrize("errand", few(ERRANDS))
def test_its_page_is_enough(errand, tmp_path):
    most, tests, name = ERRANDS[errand]
    for folder in ("reportlib", "tests", "notebooks", "parameters"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    touched = follow(errand, tmp_path)
    counted = touched if errand == "metric" else {file for file in touched if file.startswith("reportlib/")}
    assert len(counted) <= most
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", name],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def follow(errand, copy):
    """Do what the page's blocks say; the files that are new or changed."""
    touched = set()
    for name, behind, text in BLOCK.findall(
        next((PROJECT / "docs").glob(f"adding_a*_{errand}.md")).read_text(encoding="utf-8")
    ):
        file = copy / name
        touched.add(name)
        if behind:
            known = file.read_text(encoding="utf-8")
            assert known.count(f"\n{behind}\n") == 1, (name, behind)
            text = known.replace(f"\n{behind}\n", f"\n{behind}\n{text}")
        file.write_text(text, encoding="utf-8")
    return touched
