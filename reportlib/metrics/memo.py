"""Metrics that several parts of a report stand on are worked out once."""

from collections.abc import Callable, Hashable
from functools import cache, partial, wraps
from inspect import signature

from reportlib.warehouse.warehouse import Answer

_parameters = cache(signature)


def remembered(metric: Callable[..., Answer]) -> Callable[..., Answer]:
    """A metric, or what metrics stand on, whose first answer a Warehouse keeps, for each set of arguments: names, ids,
    numbers, lists of them."""

    @wraps(metric)
    def answered(warehouse, *arguments, **options):
        question, asked = _question(metric, warehouse, arguments, options)
        return warehouse.remembered(question, lambda: metric(*asked.args, **asked.kwargs))

    return answered


def remembered_each(warehouse, question: Hashable, names: tuple, ask: Callable[[tuple], dict]) -> dict:
    """The first answers to a question about each of these names, frames by name.

    `ask` answers it for those about which it has not been put before, all at once.
    """
    new = tuple(name for name in names if not warehouse.remembers((question, name)))
    found = ask(new) if new else {}
    return {name: warehouse.remembered((question, name), partial(found.get, name)) for name in names}


def _question(metric, warehouse, arguments, options):
    """What the Warehouse keeps the answer under, and all arguments, those that were not given too."""
    asked = _parameters(metric).bind(warehouse, *arguments, **options)
    asked.apply_defaults()
    return (metric, warehouse.opened_ms, repr((asked.args[1:], asked.kwargs))), asked
