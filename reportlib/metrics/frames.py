"""Frames of declared columns, also where there is nothing to tell."""

from collections.abc import Iterable, Mapping

import pandas as pd


def framed(columns: Mapping[str, str], frames: Iterable[pd.DataFrame] = ()) -> pd.DataFrame:
    """The rows of these frames, one frame behind the other, with these columns, which have these dtypes.

    Example
    -------
    >>> framed({"channel": "str", "people": "int64"}).dtypes.astype(str).to_dict()
    {'channel': 'str', 'people': 'int64'}
    """
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return pd.concat([empty, *frames], ignore_index=True)[[*columns]].astype(columns)
