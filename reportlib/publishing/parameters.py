"""What may be asked of each notebook, checked before a kernel starts."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from reportlib.errors import InvalidParameters, ReportError, nearest
from reportlib.metrics import select_campaigns
from reportlib.metrics.failure_catalogue import read_catalogue
from reportlib.metrics.grouping import grouping
from reportlib.metrics.local_time import check_zone
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import PROJECT

_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]+:[^/\s@]+@")


class PostCampaignReview(BaseModel):
    """The parameters of notebooks/post_campaign_review.ipynb, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    campaign: StrictStr | StrictInt = "spring-sale"
    timezone: StrictStr | None = None
    breakdowns: list[StrictStr] = ["country", "carrier", "email_domain", "segment", "attribute:plan"]
    top_groups: Annotated[StrictInt, Field(ge=1, le=50)] = 8
    failure_codes: StrictStr | None = None

    def problems(self, warehouse: Warehouse):
        """What only the warehouse and the catalogues know to be wrong: (parameter, what)."""
        checks = {
            "campaign": lambda: select_campaigns(warehouse, self.campaign),
            "timezone": lambda: self.timezone is None or check_zone(self.timezone),
            "breakdowns": lambda: grouping(self.breakdowns),
            "failure_codes": lambda: read_catalogue(self.failure_codes),
        }
        for parameter, check in checks.items():
            try:
                check()
            except ReportError as error:
                quote = "; YAML reads 007 as the number 7: put the id in quotes" if _is_number(self, parameter) else ""
                yield parameter, f"{error}{quote}"


MODELS = {"post_campaign_review": PostCampaignReview}


@dataclass(frozen=True)
class Report:
    """One report to be made: which notebook, with which parameters, asked for in which file."""

    notebook: str
    parameters: BaseModel
    source: Path

    @property
    def path(self) -> Path:
        return PROJECT / "notebooks" / f"{self.notebook}.ipynb"


def read_reports(files: list[Path], warehouse: Warehouse, notebook: str | None = None, campaigns=()) -> list[Report]:
    """The reports that parameter files ask for; with `campaigns`, each file once for each of these instead of its own.

    A file belongs to the notebook its folder is named for, or to `notebook`. Raises InvalidParameters with all
    problems of all files, a line each.
    """
    reports, problems = [], []
    for file in files:
        try:
            name = _notebook_of(file, notebook)
            asked = _mapping(file)
        except InvalidParameters as error:
            problems.append(f"{file}: {error}")
            continue
        for overridden in [{"campaign": campaign} for campaign in campaigns] or [{}]:
            found, wrong = _validated(MODELS[name], {**asked, **overridden}, warehouse)
            problems += [f"{file}: {parameter}: {what}" for parameter, what in wrong]
            reports.append(Report(name, found, file))
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


def _mapping(file) -> dict:
    try:
        asked = yaml.load(file.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise InvalidParameters(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InvalidParameters("is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidParameters(f"is not YAML{where}: {getattr(error, 'problem', None) or error}") from None
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        raise InvalidParameters("holds no parameters: lines like `campaign: spring-sale` are expected")
    return asked


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a parameter given twice is an error, not the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"{twice!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _validated(model, asked, warehouse):
    """The parameters as the model has them, and what is wrong with them: (parameter, what)."""
    secret = [
        (name, "holds a password; the database address belongs in CAMPAIGN_DATABASE_URL")
        for name, value in asked.items()
        if _PASSWORD_IN_ADDRESS.search(str(value))
    ]
    if secret:
        return None, secret
    try:
        found = model.model_validate(asked)
    except ValidationError as error:
        return None, list(dict.fromkeys(_explained(model, problem) for problem in error.errors()))
    return found, list(found.problems(warehouse))


def _explained(model, problem):
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return name, f"there is no such parameter{nearest(name, model.model_fields)}"
    wanted = problem["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return name, f"should be {wanted}, not {problem['input']!r}"


def _is_number(parameters, name):
    return name == "campaign" and isinstance(parameters.campaign, int)
