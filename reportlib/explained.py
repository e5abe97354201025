"""Files of parameters as pydantic's models, and its errors in the words of people."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from reportlib.errors import InvalidParameters, nearest
from reportlib.yaml_files import read_yaml

Model = TypeVar("Model", bound=BaseModel)

MOST_LISTED = 12  # names that are there, where none is near
LONGEST_SHOWN = 60  # characters of a wrong value that are shown
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list, like [one, other]",
    "dict_type": "parameters, like {metric: clicked}",
    "too_short": "a list with something in it",
    "string_too_short": "some text",
    "string_too_long": "shorter text",
    "string_pattern_mismatch": "text on one line",
}


def read_model(
    file: Path, model: type[Model], further: Callable[[Model], Iterable[tuple[str, str]]] = lambda _: ()
) -> Model:
    """What a file declares. Raises InvalidParameters with all that is wrong, a line each; `further` tells of what the
    model cannot know, (parameter, what)."""
    try:
        asked, wrong = read_yaml(file)
    except InvalidParameters as error:
        raise InvalidParameters(f"{file}: {error}") from None
    try:
        declared = model.model_validate(asked)
    except ValidationError as error:
        wrong += explained(model, error.errors())
    else:
        wrong += further(declared)
    if wrong:
        raise InvalidParameters("\n".join(f"{file}: {name}: {what}" for name, what in wrong))
    return declared


def explained(model: type[BaseModel], errors: list) -> list[tuple[str, str]]:
    """pydantic's errors in plain words, (parameter, what); where several kinds of value would do, in one."""
    wanted: dict[tuple[str, str], list[str]] = {}
    explained = []
    for error in errors:
        name, known = _place(model, error["loc"])
        if error["type"] in ("extra_forbidden", "invalid_key"):
            near = nearest(error["loc"][-1], known) or f"; there are {', '.join(known)}" * (
                0 < len(known) <= MOST_LISTED
            )
            explained.append((name, f"there is no such parameter{near}"))
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
    names, known, named = [], list(model.model_fields), None
    for at, part in enumerate(location):
        if named is not None:  # an entry of a mapping from names to models
            names.append(str(part))
            model, known, named = named, list(named.model_fields), None
            continue
        if model is None or (isinstance(part, str) and part not in model.model_fields and at < len(location) - 1):
            break
        names.append(str(part + 1) if isinstance(part, int) else part)
        if isinstance(part, str):
            known = list(model.model_fields)
            annotation = model.model_fields[part].annotation if part in known else None
            is_mapping = get_origin(annotation) is dict
            named = _model_within(get_args(annotation)[1]) if is_mapping else None
            model = None if is_mapping else _model_within(annotation)
    return ".".join(names), known


def _model_within(annotation):
    """The model in an annotation such as `list[Mailing]` or `MailSettings | None`; None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_within, get_args(annotation))), None)


def _shown(value):
    text = "empty" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def explained_value(error: ValidationError) -> str:
    """The same of one value that has no name: "should be text, not 7"."""
    return explained(BaseModel, [{**one, "loc": ("value",)} for one in error.errors()])[0][1]
