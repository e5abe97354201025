"""The goals of a brand in words."""

from reportlib.definitions import CHANNELS
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import Brand, shown_in


def told_goals(brand: Brand) -> dict[str, str]:
    """ "delivered 95 %, failed 5 %" by channel: of all, under "", and of each that has goals of its own."""
    with shown_in(brand):
        usual = brand.goals()
        own = {channel: goals for channel in CHANNELS if (goals := brand.goals(channel)) != usual}
        return {channel: _words(goals) for channel, goals in {"": usual, **own}.items()}


def _words(goals):
    clicked = f", clicked {numbers.line(goals.clicked)}" if goals.clicked else ""
    return f"delivered {numbers.line(goals.delivered)}, failed {numbers.line(goals.failed)}{clicked}"
