"""What the controls of `pick` are for, from the kinds of the parameters."""

import ast
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from reportlib.errors import InvalidParameters
from reportlib.explained import explained_value
from reportlib.presentation.workbench.asked import Asked
from reportlib.reports.kinds import KINDS, PLAIN, Kind, kind_of, takes_none
from reportlib.reports.variables import declared_in, require_known


def asked(parameters: tuple[str, ...], at_least: int, choices: dict, namespace: dict) -> list[Asked]:
    """What `pick` with these arguments shows controls for, given the notebook's variables. Raises InvalidParameters."""
    typed = {name: PLAIN.get(getattr(one, "__name__", ""), one) for name, one in declared_in(namespace).items()}
    require_known(parameters, typed)
    shown = {name: typed.get(name) or KINDS[name.capitalize()] for name in parameters} or typed
    found = [_asked(name, annotation, at_least) for name, annotation in shown.items() if name not in choices]
    return found + [Asked(name, offers=_offering(values)) for name, values in choices.items()]


def _asked(name, annotation, at_least) -> Asked:
    kind = kind_of(annotation) or Kind("", "", offers=_offering([True, False]) if annotation is PLAIN["bool"] else None)
    offers = _or_default(kind.offers) if kind.offers and takes_none(annotation) else kind.offers
    return Asked(name, kind.name, offers, _reading(annotation, kind), at_least or kind.at_least, kind.one_of)


def _offering(values) -> Callable:
    offers = [("default" if value is None else str(value), value) for value in values]
    return lambda warehouse, others: offers


def _or_default(offers) -> Callable:
    return lambda warehouse, others: [*offers(warehouse, others), ("default", None)]


def _reading(annotation, kind) -> Callable:
    """What makes a value of what is typed, given the warehouse and the others; raises ReportError."""
    adapter = TypeAdapter(annotation)

    def read(text, warehouse, others):
        value = _value(text.strip(), annotation, adapter)
        if kind.check:
            kind.check(value, warehouse, others)
        return value

    return read


def _value(text, annotation, adapter):
    """The first that the kind takes of what a text may mean: nothing, a literal, a list, the text itself."""
    if not text and takes_none(annotation):
        return None
    parts = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
    wrong = []
    for meant in (_literal(text), list(map(_literal, parts)), parts, text):
        try:
            return adapter.validate_python(meant)
        except ValidationError as error:
            wrong.append(error)
    raise InvalidParameters(explained_value(min(wrong, key=_is_of_another_type)))


def _is_of_another_type(error):
    """A value of the right type that is not allowed says more of what is wrong."""
    return any(one["type"].endswith("_type") for one in error.errors())


def _literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
