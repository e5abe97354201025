"""What became of the callbacks, or the rows, that an import read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

PLACES = 5  # that are told of a reason


@dataclass
class ImportSummary:
    """What became of the callbacks, or rows, that were read: read = imported + duplicates + rejected, always.

    `messages` counts those that rows of a table of events were the first to name, `left_out` rows that the mapping
    leaves out, which are not among those read.
    `reasons` counts the rejected by reason, `places` says where the first of each stand, `ignored` names columns that
    are not read, `read_of` and `refused_of` count by file, and `address` is the database without its password.
    """

    address: str
    read: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: Counter = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)
    messages: int = 0
    left_out: int = 0
    ignored: list[str] = field(default_factory=list)
    read_of: Counter = field(default_factory=Counter)
    refused_of: Counter = field(default_factory=Counter)

    def add(self, other: "ImportSummary"):
        """Count what another import into the same database did, too."""
        for name in ("read", "imported", "duplicates", "rejected", "reasons", "read_of", "refused_of"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, places in other.places.items():
            self.places[reason] = [*self.places.get(reason, []), *places]

    def refuse(self, refused: Mapping, file: str):
        """Count the rows of a file that are not used: why, by their line."""
        self.rejected += len(refused)
        self.reasons += Counter(refused.values())
        for line, why in refused.items():
            places = self.places.setdefault(why, [])
            if len(places) < PLACES:
                places.append(f"{file} line {line}")

    def mostly_refused(self) -> list[str]:
        """The files of which less than half came in."""
        return [file for file, read in self.read_of.items() if 2 * self.refused_of[file] > read]
