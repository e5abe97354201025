"""Metrics that several parts of a report stand on are worked out once."""

from collections.abc import Callable
from functools import cache, wraps
from inspect import signature

import pandas as pd

_parameters = cache(signature)


def remembered(metric: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A metric whose first answer a Warehouse keeps, for each set of arguments: names, ids, numbers, lists of them."""

    @wraps(metric)
    def answered(warehouse, *arguments, **options):
        question, asked = _question(metric, warehouse, arguments, options)
        return warehouse.remembered(question, lambda: metric(*asked.args, **asked.kwargs))

    return answered


def remember(answer: pd.DataFrame, metric: Callable[..., pd.DataFrame], warehouse, *arguments, **options):
    """Keep an answer that came along with another's for when the `remembered` metric is asked with these arguments."""
    question, _ = _question(metric.__wrapped__, warehouse, arguments, options)
    warehouse.remembered(question, lambda: answer)


def _question(metric, warehouse, arguments, options):
    """What the Warehouse keeps the answer under, and all arguments, those that were not given too."""
    asked = _parameters(metric).bind(warehouse, *arguments, **options)
    asked.apply_defaults()
    return (metric, warehouse.opened_ms, repr((asked.args[1:], asked.kwargs))), asked
