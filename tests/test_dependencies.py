"""One source of truth: pyproject.toml says what is needed, requirements.lock which versions, environment.yml both."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
LOCK = (PROJECT / "requirements.lock").read_text()
LOCKED = [Requirement(line) for line in re.findall(r"^(\w[^\\\n]*?) *\\?$", LOCK, re.MULTILINE)]
DECLARED = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
EXTRAS = [Requirement(text) for extra in PYPROJECT["project"]["optional-dependencies"].values() for text in extra]
FOR_DEVELOPERS = [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"]]
FIXED = ["jupyterlab", "papermill", "pandas", "altair", "ipywidgets", "nbconvert", "sqlalchemy"]


def imported(folder):
    """The top-level modules that the files of a folder import."""
    for file in (PROJECT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.split(".")[0]


@pytest.mark.parametrize("requirement", DECLARED + EXTRAS + FOR_DEVELOPERS, ids=str)
def test_the_lock_pins_what_is_declared(requirement):
    pins = [pin for pin in LOCKED if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
    assert pins
    for pin in pins:
        (exactly,) = pin.specifier
        assert exactly.operator == "=="
        assert requirement.specifier.contains(exactly.version)


@pytest.mark.parametrize("pin", LOCKED, ids=lambda pin: pin.name)
def test_what_is_installed_is_what_is_locked(pin):
    if pin.marker is None or pin.marker.evaluate():
        assert pin.specifier.contains(version(pin.name), prereleases=True)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-spark.lock"])
def test_every_pin_has_its_hash_and_none_an_address(name):
    lock = (PROJECT / name).read_text()
    for block in re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in lock
    assert not re.search(r"^\s*-[-\w]*(index|find-links)", lock, re.MULTILINE)


def test_conda_users_get_the_same_versions():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text())
    *packages, by_pip = environment["dependencies"]
    assert by_pip == {"pip": ["-r requirements.lock"]}  # and not a second list of versions
    assert packages == [f"python{PYPROJECT['project']['requires-python']}", "pip"]


def test_what_the_package_imports_it_declares():
    named = packages_distributions()
    others = set(imported("reportlib")) - sys.stdlib_module_names - {"reportlib"}
    needed = {canonicalize_name(named[module][0]) for module in others}
    assert needed <= {canonicalize_name(requirement.name) for requirement in DECLARED + EXTRAS}


def test_what_the_project_is_built_on_is_declared():
    assert set(FIXED) <= {requirement.name for requirement in DECLARED}
    assert {"pytest", "nbval"} <= {requirement.name for requirement in FOR_DEVELOPERS}
