"""Reports that are asked for, by parameter files or notebooks: all checked before a kernel starts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from reportlib.errors import InvalidParameters, ReportError
from reportlib.explained import explained
from reportlib.reports.catalogue import SUFFIX, declaration_of, declared
from reportlib.reports.declaration import Declaration
from reportlib.reports.naming import file_name, joined
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import ADDRESS_VARIABLE
from reportlib.yaml_files import read_yaml

_SECRET = re.compile(r"://[^/\s:@]*:[^/\s]+@|[?&]\w*password=", re.IGNORECASE)  # an address with a password in it
_JOINED = {"compared": "-vs-", "campaigns": "-and-"}
_ALL = "all-campaigns"


@dataclass(frozen=True)
class Report:
    """One report to be made: a notebook, the parameters it is to have, the file that asks for it, and what it is about,
    short (the campaigns' ids), as its files are `called`. `made_from` says what it will be made from, so that the next
    run can tell what changed; `files` are the parameters that are the path of a file.
    """

    notebook: Path
    parameters: dict
    source: Path
    subject: str
    made_from: dict | None = None
    called: str = ""
    files: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its files are called, whatever is made beside it: "post_campaign_review-spring-sale"."""
        called = self.called or (file_name(self.subject) if self.subject else "")
        return f"{self.notebook.stem}-{called}" if called else self.notebook.stem

    @property
    def title(self) -> str:
        """What to call it where it could not be made: "Post campaign review: spring-sale"."""
        kind = heading_of(self.notebook.stem)
        return f"{kind}: {self.subject}" if self.subject else kind


def heading_of(notebook: str) -> str:
    """ "Weekly review" of the notebook weekly_review."""
    return notebook.replace("_", " ").capitalize()


def report_of(declaration: Declaration, parameters: dict, source: Path) -> Report:
    """The report with these parameters; what it is about follows from their kinds."""
    subject, called = _subject(declaration, parameters)
    return Report(declaration.notebook, parameters, source, subject, called=called, files=declaration.files)


def _subject(declaration, parameters) -> tuple[str, str]:
    """What a report is about, for people and as a file name: its experiment or campaigns, else its account and week."""
    for kind in ("experiment", "campaign"):
        name = declaration.named(kind)
        if name and parameters[name] is not None:
            return str(parameters[name]), file_name(parameters[name])
    for kind, word in _JOINED.items():
        if name := declaration.named(kind):
            ids = parameters[name] or [_ALL]
            return word.join(map(str, ids)), joined(ids, word)
    account, week = (parameters.get(declaration.named(kind)) for kind in ("account", "week"))
    named = [] if account is None else [account]
    named += [] if week is None else [week.lower()]
    return "-".join(map(str, named)), "-".join(map(file_name, named))


def on_campaigns(declaration: Declaration, campaigns: list) -> list[dict]:
    """The parameters of the reports on these campaigns: one for each, or one on all. Raises InvalidParameters."""
    if name := declaration.named("campaign"):
        return [{name: campaign} for campaign in campaigns]
    if name := declaration.named(*_JOINED):
        return [{name: campaigns}]
    own = ", ".join(declaration.parameters) or "none"
    raise InvalidParameters(
        f"{declaration.name} is not about campaigns: leave --campaign and --finished out; its parameters are {own}"
    )


def read_reports(
    files: list[Path],
    warehouse: Warehouse,
    notebook: str | None = None,
    campaigns: list | None = None,
    instead: dict | None = None,
) -> list[Report]:
    """The reports that parameter files, or notebooks with their defaults, ask for.

    A file belongs to the notebook its folder is named for, or to `notebook`: a name, or a path. With `campaigns` the
    reports are on these instead of those a file names; the parameters `instead` win over those of every file. The same
    report asked for twice is made once. Raises InvalidParameters with all problems of all files, a line each.
    """
    reports, problems = [], []
    for file in files:
        try:
            declaration, asked, wrong = _asked(file, notebook)
            overriding = [{}] if campaigns is None else on_campaigns(declaration, list(map(plain_id, campaigns)))
        except InvalidParameters as error:
            lines = str(error).splitlines()
            problems += [line if line.startswith(f"{file}: ") else f"{file}: {line}" for line in lines]
            continue
        for chosen in overriding:
            told = dict.fromkeys(instead or {}, "--set ") | dict.fromkeys(chosen, "--campaign")
            found, also_wrong = validated(declaration, {**asked, **(instead or {}), **chosen}, warehouse)
            problems += [f"{file}: {name}: {what}" for name, what in wrong if name not in told]
            for name, what in also_wrong:
                where = told.get(name, f"{file}: {name}")
                problems.append(f"{where.replace('--set ', f'--set {name}')}: {what}")
            if not also_wrong:
                report = report_of(declaration, found, file)
                reports += [report] if report not in reports else []
    if problems:
        raise InvalidParameters("\n".join(dict.fromkeys(problems)))
    return reports


def _asked(file, notebook) -> tuple[Declaration, dict, list]:
    """The report that a file asks for, its parameters, and what is wrong with how they are written."""
    if file.suffix == SUFFIX:
        return declaration_of(file), {}, []
    if notebook and notebook.endswith(SUFFIX):
        declaration = declaration_of(Path(notebook))
    else:
        declaration = _named(notebook or file.resolve().parent.name, file, bool(notebook))
    return declaration, *read_yaml(file)


def _named(name, file, is_said) -> Declaration:
    try:
        return declared(name, file)
    except InvalidParameters as error:
        if is_said or not str(error).startswith("there is no report"):
            raise
        raise InvalidParameters(
            f"which notebook is it for? {error}; put the file into a folder named for its notebook, or say --notebook"
        ) from None


def plain_id(campaign):
    """An id as a notebook can be given it: numbers stay numbers; others (a UUID, say) are text."""
    return campaign if isinstance(campaign, int) else str(campaign)


def validated(declaration: Declaration, asked: dict, warehouse: Warehouse) -> tuple[dict, list[tuple[str, str]]]:
    """The parameters as the report will have them, and what is wrong with them: (parameter, what)."""
    if secret := [name for name, value in asked.items() if _SECRET.search(f"{name} {value}")]:
        what = f"holds a password; the database's address belongs in the environment variable {ADDRESS_VARIABLE}"
        return {}, [(_SECRET.sub("…", str(name)), what) for name in secret]
    model, wrong, judged = declaration.model, [], set(declaration.parameters)
    try:
        found = model.model_validate(asked)
    except ValidationError as error:
        wrong = explained(model, error.errors())
        judged -= {name for name, _ in wrong}
        # what was not asked for is not what will be asked in the end
        judged &= set(asked)
        found = model.model_validate({name: asked[name] for name in judged})
    values = found.model_dump()
    return values, [*wrong, *_unfit(declaration, values, judged, warehouse)]


def _unfit(declaration, values, judged, warehouse) -> Iterable[tuple[str, str]]:
    """What the warehouse, or another parameter, does not bear out; of what could be judged."""
    kinds = {name: one.kind for name, one in declaration.parameters.items() if one.kind}
    others = {kind.name: values[name] for name, kind in kinds.items() if name in judged}
    for name, kind in kinds.items():
        needed = {other for other, one in kinds.items() if one.name in kind.needs}
        if kind.check and {name, *needed} <= judged:
            try:
                kind.check(values[name], warehouse, others)
            except ReportError as error:
                yield name, str(error)
