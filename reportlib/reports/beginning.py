"""Beginning: a suite from what comes with the package, and a report of one's own."""

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import yaml

from reportlib.errors import InvalidParameters, OutputError, ReportError
from reportlib.metrics import finished_campaigns
from reportlib.reports.catalogue import SUFFIX, declared, notebooks
from reportlib.reports.declaration import Declaration, read_declaration, require_name
from reportlib.suite import NOTEBOOKS, OUTPUT, PARAMETERS, shipped, suite
from reportlib.warehouse import open_warehouse

DEMO_CAMPAIGN = "spring-sale"
SHORT = "new_report.ipynb"  # what a report of one's own begins as
_TITLE = re.compile(r"^# +.+$", re.MULTILINE)


def make_suite(folder: Path) -> list[Path]:
    """Copy the notebooks and the parameters that come with the package; the files made. What is there stays.

    Raises OutputError.
    """
    made = []
    try:
        (folder / OUTPUT).mkdir(parents=True, exist_ok=True)
        for name in (NOTEBOOKS, PARAMETERS):
            for file in sorted(shipped(name).rglob("*")):
                to = folder / name / file.relative_to(shipped(name))
                if file.is_file() and file.suffix in (SUFFIX, ".yaml") and not to.exists():
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, to)
                    made.append(to)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made a suite: {error.strerror or error}") from None
    return made


def new_report(name: str, like: str | None = None) -> tuple[Path, Path]:
    """A notebook of this name in the suite at hand, and a file with its parameters: a copy of the report `like`, or a
    short one. Raises InvalidParameters for a name that is taken or none, NoSuite, OutputError."""
    require_name(name)
    folder = suite()
    if taken := next((one for one in notebooks(folder) if one.lower() == name.lower()), None):
        raise InvalidParameters(f"there is a report {taken!r} already: choose another name, or change that one")
    source = declared(like).notebook if like else files("reportlib.reports") / SHORT
    notebook, parameters = folder / NOTEBOOKS / f"{name}{SUFFIX}", folder / PARAMETERS / name / "demo.yaml"
    try:
        held = json.loads(source.read_text(encoding="utf-8"))
        _retitle(held, name.replace("_", " ").capitalize())
        text = json.dumps(held, indent=1, ensure_ascii=False).replace(
            f"{PARAMETERS}/{Path(source.name).stem}/", f"{PARAMETERS}/{name}/"
        )
        _write(notebook, _with_campaign_of_ours(text) + "\n")
        _write(parameters, _with_defaults(read_declaration(notebook)))
    except OSError as error:
        raise OutputError(f"{notebook} cannot be made: {error.strerror or error}") from None
    return notebook, parameters


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _with_campaign_of_ours(text) -> str:
    """The notebook about the latest finished campaign where the database does not have the demo's."""
    try:
        known = finished_campaigns(open_warehouse())
    except ReportError:
        return text
    if not known or DEMO_CAMPAIGN in map(str, known):
        return text
    return text.replace(
        json.dumps(json.dumps(DEMO_CAMPAIGN))[1:-1], json.dumps(json.dumps(known[0], default=str))[1:-1]
    )


def _retitle(held, title):
    """Its first heading is the new report's; what an earlier run showed is gone."""
    for cell in held["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    for cell in held["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and _TITLE.search(source):
            cell["source"] = _TITLE.sub(f"# {title}", source, count=1).splitlines(keepends=True)
            return


def _with_defaults(declaration: Declaration) -> str:
    """A file of parameters in which each has its default, and says what it is."""
    lines = [f"# The parameters of {NOTEBOOKS}/{declaration.notebook.name}; any may be left out."]
    for one in declaration.parameters.values():
        value = yaml.safe_dump(one.default, default_flow_style=True, allow_unicode=True, width=10_000)
        written = f"{one.name}: {value.strip().removesuffix('...').strip()}"
        lines.append(f"{written}  # {one.says}" if one.says else written)
    return "\n".join(lines) + "\n"
