"""`pick`: controls for a notebook's parameters, where somebody is there to use them."""

import sys

from reportlib.presentation.look.front_end import has_front_end
from reportlib.reports.variables import declared_in, require_known


def pick(*parameters: str, at_least: int = 0, **choices):
    """Show controls that set the notebook's parameters and run the cells below again, in place: `pick()`.

    In a scheduled report, or wherever else no notebook interface asks, it does nothing.

    Parameters
    ----------
    *parameters : names of variables, instead of all that the notebook's cells declare with a type
        Of those without one: "campaign" one campaign's id, "campaigns" a list of ids or None for all, "account" an
        account's id, "week" an ISO week in which a campaign of that account finished, "baseline" one of the `campaigns`
    at_least : int
        How many of `campaigns` have to be chosen before anything runs; 0: what their kind says.
    **choices : variables by name, each with what can be chosen: `pick(top_groups=[5, 8, 20])`, beside the others

    "Save this view" writes the present choices as a file of parameters, from which `reportlib run` makes the report.

    The controls show what the variables are, also after their cell was edited and run again. A cell that assigns one
    of them is not run when a choice is made. Raises InvalidParameters for another name, WarehouseError.

    Example
    -------
    >>> pick("campaign")  # where nobody looks on, as here, it shows nothing
    """
    if not has_front_end():
        require_known(parameters, declared_in(vars(sys.modules["__main__"])))
        return
    from reportlib.presentation.workbench.controls import show_controls  # ipywidgets take a fifth of a second to import
    from reportlib.reports.asked import asked
    from reportlib.reports.views import save_view

    show_controls(lambda namespace: asked(parameters, at_least, choices, namespace), save_view)
