"""What one parameter is set with: a choice among few values, or a text."""

from collections.abc import Callable

import ipywidgets

from reportlib.errors import ReportError
from reportlib.presentation.workbench.labels import one_line


class Choice:
    """What a parameter with few possible values is set with; `options` are pairs of a label and a value."""

    def __init__(self, name: str, options: list[tuple], changed: Callable[[], None]):
        self._changed, self._quiet = changed, False
        look = {"description_width": "initial"}
        self.widget = ipywidgets.Dropdown(description=name.replace("_", " ").capitalize(), style=look)
        self.widget.observe(lambda change: self._selected(change["new"]), "index")
        self.value = options[0][1] if options else None
        self.offer(options)

    def offer(self, options: list[tuple]):
        """Let these be chosen; what is chosen stays, if need be as one more."""
        self._options = options
        self.follow(self.value)

    def follow(self, value):
        """Show what the notebook has, without setting anything."""
        self.value = value
        at = next((at for at, (_, known) in enumerate(self._options) if known == value), None)
        self._offered = self._options if at is not None else [(one_line(value), value), *self._options]
        self._quiet = True
        self.widget.options = self._offered
        self.widget.index = None  # or the browser, told of the same index, would select none of the new options
        self.widget.index = at or 0
        self._quiet = False

    def _selected(self, index):
        if not self._quiet and index is not None:
            self.value = self._offered[index][1]
            self._changed()


class Entry:
    """What a parameter is set with that can have many values: a text. `read` makes a value of it or raises ReportError,
    `refused` is told why it cannot."""

    def __init__(self, name: str, read: Callable[[str], object], changed: Callable[[], None], refused: Callable):
        self._read, self._changed, self._refused, self._quiet = read, changed, refused, False
        look = {"description_width": "initial"}
        self.widget = ipywidgets.Text(
            description=name.replace("_", " ").capitalize(), style=look, continuous_update=False, placeholder="default"
        )
        self.widget.observe(lambda change: self._entered(change["new"]), "value")
        self.value = None

    def follow(self, value):
        """Show what the notebook has, without setting anything."""
        self.value, self._quiet = value, True
        listed = ", ".join(map(str, value)) if isinstance(value, list) else value
        self.widget.value = "" if listed is None else str(listed)
        self._quiet = False

    def _entered(self, text):
        if self._quiet:
            return
        try:
            self.value = self._read(text)
        except ReportError as error:
            self._refused(str(error))
        else:
            self._changed()
