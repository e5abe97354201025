"""An earlier weekly review, read from its record, for the next one to say what was restated since."""

from pathlib import Path

import pandas as pd

from reportlib.errors import InvalidParameters, InvalidRecord
from reportlib.metrics.weekly.iso_week import parse_week
from reportlib.metrics.weekly.restatements import EarlierReview, stored_snapshot
from reportlib.reports.record import read_record


def earlier_review(path: str | None) -> EarlierReview | None:
    """The weekly review whose record is at this path; None for None. Raises InvalidParameters where there is none.

    Example
    -------
    >>> earlier_review(None)  # without one, nothing can have been restated
    """
    if path is None:
        return None
    try:
        record = read_record(Path(path))
        if not (record.account_id and record.week and record.campaign_ids is not None and record.snapshot is not None):
            raise ValueError("it lacks what a weekly review knows")
        return EarlierReview(
            path,
            record.account_id,
            parse_week(record.week, 0, "UTC"),
            tuple(record.campaign_ids),
            pd.NaT if record.data_as_of is None else pd.Timestamp(record.data_as_of).tz_convert("UTC"),
            stored_snapshot(record.snapshot),
        )
    except InvalidRecord as error:
        raise InvalidParameters(f"{error}: name the .json beside an earlier weekly review") from None
    except (LookupError, TypeError, ValueError, AttributeError, InvalidParameters):
        raise InvalidParameters(f"{path} is not the record of a weekly review, or not whole") from None
