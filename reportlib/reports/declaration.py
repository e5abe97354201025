"""What a report is, as its notebook declares it: the cell tagged `parameters`, read as text and never run."""

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from reportlib.errors import InvalidParameters, nearest
from reportlib.explained import explained_value
from reportlib.reports.annotations import Names
from reportlib.reports.kinds import PLAIN, Kind, kind_of

TAG = "parameters"
RESERVED = ("for_each", "every")  # what an edition says beside a report's parameters
REPEATS = ("campaign", "experiment", "account", "once")  # what it may be made for each of
_IDS = ("campaign", "campaigns", "account")
_REPEATED = {"campaign": "campaign", "compared": "experiment", "account": "account", "campaigns": "account"}
_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
_HOW = 'a line each, like `campaign: Campaign = "spring-sale"  # which campaign`'


@dataclass(frozen=True)
class Parameter:
    """One parameter: its type, how that is written ("" where it is not), its default, and the comment beside it."""

    name: str
    annotation: Any
    written: str
    default: Any
    says: str

    @cached_property
    def kind(self) -> Kind | None:
        return kind_of(self.annotation)


@dataclass(frozen=True)
class Declaration:
    """A report: its notebook, its first heading, its parameters by name, and what an edition makes it for each of."""

    notebook: Path
    title: str
    parameters: dict[str, Parameter]
    for_each: str

    @property
    def name(self) -> str:
        return self.notebook.stem

    @cached_property
    def model(self) -> type[BaseModel]:
        """What checks the types of values."""
        fields: dict[str, Any] = {one.name: (one.annotation, one.default) for one in self.parameters.values()}
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @property
    def files(self) -> tuple[str, ...]:
        """The parameters that are the path of a file."""
        return tuple(name for name, one in self.parameters.items() if one.kind and one.kind.is_file)

    def named(self, *kinds: str) -> str | None:
        """The first parameter of one of these kinds; without one, a plain one that is called like an id's kind."""
        typed = (name for name, one in self.parameters.items() if one.kind and one.kind.name in kinds)
        plain = (name for name, one in self.parameters.items() if not one.kind and name in kinds and name in _IDS)
        return next(typed, None) or next(plain, None)


def read_declaration(notebook: Path) -> Declaration:
    """The report that a notebook declares. Raises InvalidParameters with all that is wrong with it, a line each."""
    held = _read(notebook)
    cells = [(cell, _source(cell)) for cell in held["cells"]]
    tagged = [at for at, (cell, _) in enumerate(cells) if TAG in (cell.get("metadata") or {}).get("tags", [])]
    problems = []
    try:
        require_name(notebook.stem)
    except InvalidParameters as error:
        problems.append(str(error))
    if len(tagged) != 1:
        problems.append(_not_one(tagged))
    else:
        before = [source for cell, source in cells[: tagged[0]] if cell.get("cell_type") == "code"]
        parameters, wrong = _parameters(cells[tagged[0]][1], Names(before))
        problems += wrong
    if problems:
        raise InvalidParameters("\n".join(f"{notebook}: {problem}" for problem in problems))
    headings = [_TITLE.search(source) for cell, source in cells if cell.get("cell_type") == "markdown"]
    title = next((found[1].strip() for found in headings if found), notebook.stem.replace("_", " ").capitalize())
    return Declaration(notebook, title, parameters, _for_each(notebook, held, parameters))


def _read(notebook) -> dict:
    try:
        held = json.loads(notebook.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidParameters(f"{notebook}: cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise InvalidParameters(f"{notebook}: is no notebook: it is no JSON") from None
    if not isinstance(held, dict) or not isinstance(held.get("cells"), list):
        raise InvalidParameters(f"{notebook}: is no notebook: it has no cells")
    return held


def _source(cell) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def require_name(name: str):
    """Raise InvalidParameters where no report can be called so."""
    if not (name.isascii() and name.isidentifier()):
        plain = re.sub(r"\W+", "_", name.encode("ascii", "ignore").decode()).strip("_").lower() or "my_report"
        plain = f"report_{plain}" if plain[0].isdigit() else plain
        raise InvalidParameters(f"{name!r} cannot be a report's name, of letters, digits and _: call it {plain}")


def _not_one(tagged) -> str:
    if not tagged:
        return (
            f"has no cell tagged `{TAG}`: put its parameters into a cell of their own, {_HOW}, and tag that "
            "(in JupyterLab: Property Inspector, Cell Tags)"
        )
    places = " and ".join(str(at + 1) for at in tagged)
    return f"has {len(tagged)} cells tagged `{TAG}`, the cells {places}: keep one"


def _for_each(notebook, held, parameters) -> str:
    """What the notebook's metadata say, else what follows from the kinds."""
    said = ((held.get("metadata") or {}).get("reportlib") or {}).get("for_each")
    if said is not None and said not in REPEATS:
        raise InvalidParameters(
            f"{notebook}: its metadata say for_each: {said!r}{nearest(said, REPEATS)}; known: {', '.join(REPEATS)}"
        )
    kinds = {one.kind.name for one in parameters.values() if one.kind}
    return said or next((each for kind, each in _REPEATED.items() if kind in kinds), "once")


def _parameters(source, names) -> tuple[dict[str, Parameter], list[str]]:
    """The parameters in a cell, and what is wrong with them."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        return {}, [f"its cell of parameters is no Python, at line {error.lineno}: {error.msg}"]
    comments, found, problems = _comments(source), {}, []
    for node in body:
        try:
            one = _parameter(node, names, comments.get(node.end_lineno, ""))
        except InvalidParameters as error:
            problems.append(str(error))
            continue
        if one.name in found:
            problems.append(f"{one.name}: is given twice in the cell of parameters")
        found[one.name] = one
    return found, problems


def _parameter(node, names, comment) -> Parameter:
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or getattr(node, "value", None) is None:
        raise _code(node)
    name = targets[0].id
    try:
        default = ast.literal_eval(node.value)
        json.dumps(default, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise _code(node) from None
    if name in RESERVED:
        raise InvalidParameters(f"{name}: an edition keeps this name for itself: call the parameter something else")
    if not isinstance(node, ast.AnnAssign):
        return Parameter(name, PLAIN.get(type(default).__name__, Any), "", default, comment)
    try:
        annotation = names.meaning(node.annotation)
        TypeAdapter(annotation).validate_python(default)
    except InvalidParameters as error:
        raise InvalidParameters(f"{name}: {error}") from None
    except ValidationError as error:
        raise InvalidParameters(f"{name}: its default {explained_value(error)}") from None
    return Parameter(name, annotation, ast.unparse(node.annotation), default, comment)


def _code(node) -> InvalidParameters:
    line = ast.unparse(node).splitlines()[0]
    return InvalidParameters(
        f"its cell of parameters has code, `{line[:60]}` (line {node.lineno}): only names and plain values belong "
        f"there, {_HOW}; put what is to be run into another cell"
    )


def _comments(source) -> dict[int, str]:
    """The comment at the end of each line that has one."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, IndentationError):
        return {}
    return {one.start[0]: one.string.lstrip("# ").rstrip() for one in tokens if one.type == tokenize.COMMENT}
