"""Where two answers differ: values, types, names, order and attributes."""

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd


def first_difference(one, other, tolerance: float = 0.0, where: str = "it") -> str:
    """Where an answer is other than it should be, `other`, and how; "" where the two are the same.

    Numbers with a fraction may differ by `tolerance`, relative to them: engines add up in an order of their own.
    """
    if type(one) is not type(other):
        return f"{where} is {_shown(one)} ({type(one).__name__}) instead of {_shown(other)} ({type(other).__name__})"
    if isinstance(one, pd.DataFrame):
        return _first(_frame_parts(one, other, where), tolerance)
    if isinstance(one, pd.Series):
        return _first(_frame_parts(one.to_frame("values"), other.to_frame("values"), where), tolerance)
    if isinstance(one, dict):
        keys = [(list(one), list(other), f"the names of {where}")]
        return _first(keys, tolerance) or _first(
            ((one[key], other[key], f"{where}[{key!r}]") for key in one), tolerance
        )
    if isinstance(one, list | tuple | np.ndarray):
        each = [(*pair, f"{where}[{n}]") for n, pair in enumerate(zip(one, other, strict=False))]
        return _first([(len(one), len(other), f"the length of {where}"), *each], tolerance)
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return _first(((getattr(one, name), getattr(other, name), f"{where}.{name}") for name in names), tolerance)
    return "" if _equal(one, other, tolerance) else f"{where} is {_shown(one)} instead of {_shown(other)}"


def _first(parts: Iterable[tuple[Any, Any, str]], tolerance: float) -> str:
    found = (first_difference(one, other, tolerance, where) for one, other, where in parts)
    return next((difference for difference in found if difference), "")


def _frame_parts(one: pd.DataFrame, other: pd.DataFrame, where: str):
    """A frame piece by piece, from what says most about a difference to the cells."""
    yield list(one.columns), list(other.columns), f"columns of {where}"
    yield list(map(str, one.dtypes)), list(map(str, other.dtypes)), f"types of {where}"
    yield len(one), len(other), f"number of rows of {where}"
    yield list(one.index), list(other.index), f"index of {where}"
    for column in one.columns:
        yield one[column].tolist(), other[column].tolist(), f"{where}.{column}"
    yield one.attrs, other.attrs, f"attrs of {where}"


def _equal(one, other, tolerance: float) -> bool:
    if isinstance(one, Exception):
        return str(one) == str(other)
    if pd.isna(one) or pd.isna(other):
        return pd.isna(one) and pd.isna(other)
    return math.isclose(one, other, rel_tol=tolerance) if isinstance(one, float) else one == other


def _shown(value) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
