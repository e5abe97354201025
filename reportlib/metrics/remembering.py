"""Metrics that several parts of a report stand on are worked out once."""

from collections.abc import Callable
from functools import wraps

import pandas as pd


def remembered(metric: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A metric whose first answer a Warehouse keeps, for each set of arguments: names, ids, numbers, lists of them."""

    @wraps(metric)
    def answered(warehouse, *arguments, **options):
        question = (metric, warehouse.opened_ms, repr((arguments, options)))
        return warehouse.remembered(question, lambda: metric(warehouse, *arguments, **options))

    return answered
