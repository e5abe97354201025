"""The kind: one of Acme's regions."""

from typing import Annotated

from pydantic import StrictStr

from reportlib.errors import InvalidParameters, nearest
from reportlib.reports.kinds import Kind

REGIONS = ("north", "south")


def _is_region(value, warehouse, others):
    if value not in REGIONS:
        raise InvalidParameters(f"there is no region {value!r}{nearest(value, REGIONS)}")


Region = Annotated[
    StrictStr,
    Kind("region", "one of Acme's regions", _is_region, offers=lambda warehouse, others: [(r, r) for r in REGIONS]),
]
