"""Metrics that several parts of a report stand on are worked out once."""

from collections.abc import Callable
from functools import wraps
from inspect import signature

import pandas as pd


def remembered(metric: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A metric whose first answer a Warehouse keeps, for each set of arguments: names, ids, numbers, lists of them."""
    parameters = signature(metric)

    @wraps(metric)
    def answered(warehouse, *arguments, **options):
        asked = parameters.bind(warehouse, *arguments, **options)
        asked.apply_defaults()
        question = (metric, warehouse.opened_ms, repr((asked.args[1:], asked.kwargs)))
        return warehouse.remembered(question, lambda: metric(*asked.args, **asked.kwargs))

    return answered
