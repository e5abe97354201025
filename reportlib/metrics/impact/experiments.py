"""Which experiments there are."""

import pandas as pd
from sqlalchemy import select

from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.selection.campaigns import campaigns as known_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import NOTHING, assignments


def experiments(warehouse: Warehouse) -> pd.DataFrame:
    """Every experiment: columns experiment_id (as the source has it), recorded : bool, whether `assignments` has it.

    Example
    -------
    >>> metrics.experiments(warehouse).tail(2)
      experiment_id  recorded
    6  subject-line      True
    7      tomatoes      True
    """
    of_campaigns = known_campaigns(warehouse)["experiment_id"].dropna().drop_duplicates().tolist()
    found = []
    if warehouse.has(assignments):
        a = assignments.c
        found = warehouse.sql(select(a.experiment_id).distinct())["experiment_id"].dropna().tolist()
    found = [one for one in found if str(one).lower() not in NOTHING]
    ids = [*found, *[one for one in of_campaigns if one not in found]]
    frame = pd.DataFrame({"experiment_id": ids, "recorded": [one in found for one in ids]})
    return frame.sort_values("experiment_id", key=lambda column: column.astype(str), ignore_index=True)


def experiment_called(warehouse: Warehouse, experiment) -> tuple[object, bool]:
    """The id of an experiment as the source has it, and whether it is recorded. Raises InvalidParameters."""
    known = {str(row.experiment_id): row for row in experiments(warehouse).itertuples()}
    if str(experiment) not in known:
        near = nearest(str(experiment), known) or f"; there are: {', '.join(list(known)[:10]) or 'none'}"
        raise InvalidParameters(f"there is no experiment {str(experiment)!r}{near}")
    found = known[str(experiment)]
    return found.experiment_id, bool(found.recorded)
