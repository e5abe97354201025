"""Parameter files: read, and checked before a kernel starts."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from reportlib.errors import InvalidParameters, ReportError, nearest
from reportlib.reports.models import MODELS
from reportlib.reports.naming import file_name
from reportlib.reports.yaml_files import read_yaml
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import ADDRESS_VARIABLE, PROJECT

NOTEBOOKS = PROJECT / "notebooks"
LONGEST_SHOWN = 60  # characters of a wrong value that are shown
_SECRET = re.compile(r"://[^/\s:@]*:[^/\s]+@|[?&]\w*password=", re.IGNORECASE)  # an address with a password in it
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "list_type": "a list, like [one, other]",
    "dict_type": "parameters, like {metric: clicked}",
    "too_short": "a list with something in it",
}


@dataclass(frozen=True)
class Report:
    """One report to be made: a notebook, the parameters it is to have, the file that asks for it, and what it is about,
    short (the campaigns' ids), as its files are `called`. `made_from` says what it will be made from, so that the next
    run can tell what changed.
    """

    notebook: Path
    parameters: dict
    source: Path
    subject: str
    made_from: dict | None = None
    called: str = ""

    @property
    def name(self) -> str:
        """What its files are called, whatever is made beside it: "post_campaign_review-spring-sale"."""
        return f"{self.notebook.stem}-{self.called or file_name(self.subject)}"

    @property
    def title(self) -> str:
        """What to call it where it could not be made: "Post campaign review: spring-sale"."""
        return f"{kind_of(self.notebook.stem)}: {self.subject}"


def kind_of(notebook: str) -> str:
    """ "Weekly review" of the notebook weekly_review."""
    return notebook.replace("_", " ").capitalize()


def read_reports(
    files: list[Path], warehouse: Warehouse, notebook: str | None = None, campaigns: list | None = None
) -> list[Report]:
    """The reports that parameter files ask for; with `campaigns`, on these instead of those a file names.

    A file belongs to the notebook its folder is named for, or to `notebook`. The same report asked for twice is made
    once. Raises InvalidParameters with all problems of all files, a line each.
    """
    reports, problems = [], []
    for file in files:
        try:
            name = _notebook_of(file, notebook)
            asked, wrong = read_yaml(file)
        except InvalidParameters as error:
            problems.append(f"{file}: {error}")
            continue
        overriding = [{}] if campaigns is None else MODELS[name].about(list(map(plain_id, campaigns)))
        for instead in overriding:
            found, also_wrong = validated(MODELS[name], {**asked, **instead}, warehouse)
            problems += [f"{file}: {parameter}: {what}" for parameter, what in wrong if parameter not in instead]
            for parameter, what in also_wrong:
                place = "--campaign" if parameter in instead else f"{file}: {parameter}"
                problems.append(f"{place}: {what}")
            if not also_wrong:
                about, called = MODELS[name].subject(found), MODELS[name].called(found)
                report = Report(NOTEBOOKS / f"{name}.ipynb", found, file, about, called=called)
                reports += [report] if report not in reports else []
    if problems:
        raise InvalidParameters("\n".join(dict.fromkeys(problems)))
    return reports


def _notebook_of(file, notebook):
    name = notebook or file.resolve().parent.name
    if name not in MODELS:
        raise InvalidParameters(
            f"which notebook is it for? {name!r} is none{nearest(name, MODELS)}; put the file into a folder named for "
            f"one of {', '.join(MODELS)}, or say --notebook"
        )
    return name


def plain_id(campaign):
    """An id as a notebook can be given it: numbers stay numbers; others (a UUID, say) are text."""
    return campaign if isinstance(campaign, int) else str(campaign)


def validated(model: type[BaseModel], asked: dict, warehouse: Warehouse) -> tuple[dict, list[tuple[str, str]]]:
    """The parameters as the model has them, and what is wrong with them: (parameter, what)."""
    if secret := [name for name, value in asked.items() if _SECRET.search(f"{name} {value}")]:
        what = f"holds a password; the database's address belongs in the environment variable {ADDRESS_VARIABLE}"
        return {}, [(_SECRET.sub("…", str(name)), what) for name in secret]
    wrong, judged = [], set(model.model_fields)
    try:
        found = model.model_validate(asked)
    except ValidationError as error:
        wrong = explained(model, error.errors())
        judged = set(asked) - {name for name, _ in wrong}  # the others are not what will be asked in the end
        found = model.model_validate({name: asked[name] for name in judged})
    for parameter, check, *others in found.checks(warehouse):
        try:
            if {parameter, *others} <= judged:
                check()
        except ReportError as error:
            wrong.append((parameter, str(error)))
    return found.model_dump(), wrong


def explained(model: type[BaseModel], errors: list) -> list[tuple[str, str]]:
    """pydantic's errors in plain words, (parameter, what); where several kinds of value would do, in one."""
    wanted, explained = {}, []
    for error in errors:
        name, known = _place(model, error["loc"])
        if error["type"] in ("extra_forbidden", "invalid_key"):
            explained.append((name, f"there is no such parameter{nearest(error['loc'][-1], known)}"))
        elif error["type"] == "missing":
            explained.append((name, "is missing"))
        elif error["type"] == "value_error":  # of a check of ours, which says it all
            explained.append((name, f"{error['ctx']['error']}"))
        else:
            words = _WANTED.get(error["type"], error["msg"].removeprefix("Input should be "))
            wanted.setdefault((name, _shown(error["input"])), []).append(words)
    for (name, given), words in wanted.items():
        quotes = "; put text in quotes" if "text" in words else ""
        explained.append((name, f"should be {' or '.join(words)}, not {given}{quotes}"))
    return explained


def _place(model, location) -> tuple[str, list]:
    """Where an error is, "mail.mailings.2.to", and the names that are known there.

    pydantic also names the kinds of value it tried; they are no part of the place.
    """
    names, known = [], list(model.model_fields)
    for at, part in enumerate(location):
        if model is None or (isinstance(part, str) and part not in model.model_fields and at < len(location) - 1):
            break
        names.append(str(part + 1) if isinstance(part, int) else part)
        if isinstance(part, str):
            known = list(model.model_fields)
            model = _model_within(model.model_fields[part].annotation) if part in known else None
    return ".".join(names), known


def _model_within(annotation):
    """The model in an annotation such as `list[Mailing]` or `MailSettings | None`; None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_within, get_args(annotation))), None)


def _shown(value):
    text = "empty" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
