"""`reportlib map` with controls: what each column of a table is, each word for a state, and what would come in."""

from html import escape
from pathlib import Path
from shlex import quote

import ipywidgets
import yaml
from IPython.display import display

from reportlib.definitions import CHANNELS
from reportlib.errors import ReportError
from reportlib.presentation.workbench.controls import KEYS, STYLE
from reportlib.presentation.workbench.labels import one_line
from reportlib.warehouse.callbacks.message_table.files import open_table
from reportlib.warehouse.callbacks.message_table.mapping import DATES, STATUSES, Mapping
from reportlib.warehouse.callbacks.model import KINDS
from reportlib.warehouse.callbacks.tables.opening import Said
from reportlib.warehouse.callbacks.tables.proposing.look import look
from reportlib.warehouse.callbacks.tables.proposing.preview import preview
from reportlib.warehouse.callbacks.tables.proposing.propose import propose
from reportlib.warehouse.source.message_columns import COLUMNS, TOLD

NOT_READ = "not read"
LIVE_ROWS = 20_000  # of a larger table what comes in is looked at when it is asked for
REASONS_SHOWN = 8
_NAMES, _WHOLE = {"description_width": "240px"}, "min(100%, 540px)"  # a long heading, and what it is to us


def map_columns(file: str | Path):
    """Show controls for the columns of a table, as `reportlib map` proposes them; its button writes the mapping.

    `map_columns("table.csv")` in a cell of its own, then `reportlib import table.csv --mapping table.yaml`. Raises
    InvalidData where the file holds no table.
    """
    controls = MappingControls(Path(file))
    display({**controls.box._repr_mimebundle_(), "text/plain": "Controls for a mapping: run this cell."}, raw=True)


class MappingControls:
    """A control for each column that holds something, each word for a state, and what columns do not say.

    Attributes
    ----------
    box : ipywidgets.Box
    parts : the mapping as it is chosen
    """

    def __init__(self, path: Path):
        self._path, self._found = path, look(path)
        self._others = propose(self._found).parts
        self._columns = {one.name: self._of_column(one.name) for one in self._found.columns if one.values}
        self._words: dict[str, ipywidgets.Dropdown] = {}
        self._states = ipywidgets.VBox()
        self._channel = self._dropdown("Channel", ("", *CHANNELS), self._others.get("fixed", {}).get("channel", ""))
        self._dates = self._dropdown("11/02/2026 is written", ("", *DATES), self._others.get("dates", ""))
        self._told = ipywidgets.HTML()
        self._to = ipywidgets.Text(str(path.with_name(path.name.partition(".")[0] + ".yaml")), description="Write to")
        self._to.layout.width = _WHOLE
        see, write = (ipywidgets.Button(description=label) for label in ("What comes in?", "Write the mapping"))
        see.on_click(lambda _: self._look())
        write.on_click(lambda _: self._write())
        columns = ipywidgets.VBox([*self._columns.values()])
        heading = ipywidgets.HTML(f"{STYLE}{KEYS}<b>{escape(one_line(path.name))}</b>: what is each column to us?")
        last = ipywidgets.HBox([see, self._to, write])
        unsaid = ipywidgets.HTML("What no column says")
        beside = [self._states, unsaid, self._channel, self._dates, self._told]
        self.box = ipywidgets.VBox([heading, columns, *beside, last])
        self.box.add_class("reportlib-pick")
        self._changed()

    @property
    def parts(self) -> dict:
        """The parts of the mapping, as YAML has them."""
        parts = {name: part for name, part in self._others.items() if name in ("inbound", "only")}
        parts["columns"] = self._chosen_columns()
        if words := {word: one.value for word, one in self._words.items() if one.value != NOT_READ}:
            parts["events" if "event" in parts["columns"] else "statuses"] = words
        if self._channel.value:
            parts["fixed"] = {"channel": self._channel.value}
        return parts | ({"dates": self._dates.value} if self._dates.value else {})

    def _chosen_columns(self):
        return {one.value: name for name, one in self._columns.items() if one.value != NOT_READ}

    def _of_column(self, name):
        proposed = {theirs: ours for ours, theirs in self._others.get("columns", {}).items()}
        return self._dropdown(name, (NOT_READ, *COLUMNS, *TOLD), proposed.get(name, NOT_READ))

    def _dropdown(self, name, options, value):
        found = ipywidgets.Dropdown(options=options, value=value, description=one_line(name), style=_NAMES)
        found.layout.width = _WHOLE
        found.observe(lambda _: self._changed(), "value")
        return found

    def _changed(self):
        """Another choice: the words of the column that now tells the state, and what would come in."""
        columns = self._chosen_columns()
        states = columns.get("event") or columns.get("status")
        known = {**self._others.get("statuses", {}), **self._others.get("events", {})}
        there = list(self._found.column(states).values)[:40] if states else []
        if list(self._words) != there:
            options = (NOT_READ, *dict.fromkeys((*STATUSES, *KINDS)))
            was = {word: one.value for word, one in self._words.items()}
            self._words = {}
            for word in there:
                meant = was.get(word) or known.get(word) or (word if word in options else NOT_READ)
                self._words[word] = self._dropdown(word, options, meant)
            asked = f"<b>{escape(one_line(states or ''))}</b>: what does each word say?"
            self._states.children = [*([ipywidgets.HTML(asked)] if there else []), *self._words.values()]
        if self._found.rows <= LIVE_ROWS:
            self._look()

    def _look(self):
        try:
            seen = preview(open_table(self._path, Said(campaign="…").of(Mapping(**self.parts))))
        except ReportError as error:
            self._told.value = escape(str(error))
            return
        lines = [
            f"{escape(reason)} ({count:,}): {escape(seen.places[reason])}"
            for reason, count in seen.reasons.most_common(REASONS_SHOWN)
        ]
        says = ", ".join(f"{count:,} {what}" for what, count in seen.statuses.most_common())
        self._told.value = "<br>".join([f"<b>{seen.sentence}</b>", *lines, f"They say: {says}" if says else ""])

    def _write(self):
        try:
            with Path(self._to.value).open("x", encoding="utf-8") as new:
                yaml.safe_dump(self.parts, new, sort_keys=False, allow_unicode=True, width=100)
        except OSError as error:
            self._told.value = f"It was not written: {escape(str(error))}"
        else:
            done = f"reportlib import {quote(str(self._path))} --mapping {quote(self._to.value)}"
            self._told.value = f"Written. Next: <code>{escape(done)}</code>"
