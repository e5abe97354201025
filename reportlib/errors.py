"""The one family of errors a user may meet: each says what is wrong, where, and what to do."""

from difflib import get_close_matches
from types import ModuleType


class ReportError(Exception):
    """A mistake or a fault that a user can act on; the command prints it in one line."""

    def _render_traceback_(self):
        """What IPython shows of it: where in this package it was raised helps nobody."""
        return [f"{type(self).__name__}: {self}"]


class WarehouseError(ReportError):
    """The campaign database is missing, unreachable or not as the source contract says."""


class DatabaseUnavailable(WarehouseError):
    """The database does not answer at present: the same question may be answered a little later."""


class UnknownCampaign(ReportError):
    """No campaign has this id."""


class CampaignNotStarted(ReportError):
    """The campaign has a status without analytics: draft, scheduled or cancelled."""


class UnknownTimeZone(ReportError):
    """The name is not in the IANA time zone database."""


class UnknownGrouping(ReportError):
    """`by=` names something the warehouse cannot be grouped by."""


class InvalidQuery(ReportError):
    """SQL that somebody has typed is not one SELECT, or the database cannot make sense of it."""


class NoSuite(ReportError):
    """There is no folder with notebooks and parameters here."""


class InvalidParameters(ReportError):
    """A parameter file is not what its notebook asks for."""


class InvalidRecord(ReportError):
    """A file is not the record of a report, or not whole."""


class InvalidData(ReportError):
    """A file to be loaded breaks the source contract."""


class OutputError(ReportError):
    """A result cannot be written."""


class FolderInUse(OutputError):
    """Another run is at work in the same folder."""


class ClusterError(ReportError):
    """The cluster that is to make reports cannot be reached, or cannot make them as they would be made here."""


def show_public(module: ModuleType):
    """Let a module that users type names of show what is public in it when a name is completed, and name the nearest
    where it has not the one that was typed; so the modules that are public in it.

    From here, and not by functions in it, with which editors would let any name pass.
    """
    here = vars(module)
    if "__getattr__" in here:
        return
    own = [name for name, found in here.items() if getattr(found, "__module__", None) == module.__name__]
    known = here.get("__all__") or [name for name in own if not name.startswith("_")]

    def missing(name):  # without the module's name on the error, or Python would name the nearest once more
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}{nearest(name, known)}")

    here["__getattr__"], here["__dir__"] = missing, lambda: known
    for name in known:
        if isinstance(here[name], ModuleType):
            show_public(here[name])


def nearest(word: str, known) -> str:
    """ ", did you mean 'X'?" for the known word nearest to this one, or "" where none is near."""
    match = get_close_matches(str(word), [str(candidate) for candidate in known], n=1, cutoff=0.6)
    return f", did you mean {match[0]!r}?" if match else ""
