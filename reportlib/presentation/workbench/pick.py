"""`pick`: controls for a notebook's parameters, where somebody is there to use them."""

from reportlib.errors import InvalidParameters, nearest
from reportlib.presentation.look.front_end import has_front_end

FROM_DATABASE = ("account", "campaign", "campaigns", "week", "baseline")  # what the database says can be chosen


def pick(*parameters: str, at_least: int = 0, **choices):
    """Show controls that set these variables and run the cells below again, in place: `pick("campaign")`.

    In a scheduled report, or wherever else no notebook interface asks, it does nothing.

    Parameters
    ----------
    *parameters : names of variables whose choices are in the database
        "campaign" one campaign's id, "campaigns" a list of ids or None for all, "account" an account's id,
        "week" an ISO week in which a campaign of that account finished, "baseline" one of the `campaigns` or None
    at_least : int
        How many of `campaigns` have to be chosen before anything runs; 0: none chosen means all that are found.
    **choices : other variables by name, each with what can be chosen: `pick("campaign", top_groups=[5, 8, 20])`

    The controls show what the variables are, also after their cell was edited and run again. A cell that assigns one
    of them is not run when a choice is made. Raises InvalidParameters for another name, WarehouseError.
    """
    for name in parameters:
        if name not in FROM_DATABASE:
            raise InvalidParameters(
                f"pick does not know what {name!r} can be{nearest(name, FROM_DATABASE)}; give its choices: {name}=[…]"
            )
    if has_front_end():
        from reportlib.presentation.workbench.controls import (
            show_controls,  # ipywidgets take a fifth of a second to import
        )

        show_controls(parameters, choices, at_least)
