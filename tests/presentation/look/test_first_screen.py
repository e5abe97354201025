"""What every first screen has in common: names that do not fill it."""

from reportlib.presentation.comparison.charts.colours import in_few_letters
from reportlib.presentation.look.drawing.rate_picture import gauge
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action, FirstScreen, with_names_cut

LONG = "W" * 600


def test_names_of_600_letters_are_cut_wherever_they_stand():
    verdict = Finding("verdict", "bad", f"{LONG} was sent.", f"Below the goal: {LONG}x 91.8 %.")
    cut = with_names_cut(FirstScreen(verdict, [], [Action(f"See why {LONG}"), Action("Resend")]), [LONG, f"{LONG}x"])
    assert cut.verdict.text == f"{'W' * 60}… was sent." and cut.verdict.advice == f"Below the goal: {'W' * 60}… 91.8 %."
    assert [one.text for one in cut.actions] == [f"See why {'W' * 60}…", "Resend"]
    assert in_few_letters(LONG) == f"{'W' * 24}…" and in_few_letters("Cupom A") == "Cupom A"


def test_nothing_reached_lies_at_the_beginning_of_its_gauge():
    drawn = gauge(0.0, (0.93, 0.96), 0.95, "0.0 %, goal 95 %")
    assert '<rect x="3.5" y="1" width="5"' in drawn
