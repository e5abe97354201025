"""The controls above a notebook: what they show, set and tell."""

from collections.abc import Callable
from html import escape
from threading import RLock

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.iso_week import LAST
from reportlib.presentation.look.display import notebook_style
from reportlib.presentation.workbench.campaigns import CampaignChooser, one_line
from reportlib.presentation.workbench.cells import FollowingCells
from reportlib.warehouse import open_warehouse

STYLE = """<style>
.reportlib-pick { border: 1px solid var(--jp-border-color2); border-radius: 8px; padding: 10px 14px; max-width: 1080px;
  background: var(--jp-layout-color1); }
.reportlib-pick .reportlib-row { flex-flow: row wrap; gap: 2px 14px; }
.reportlib-pick .widget-select { width: auto; max-width: 720px; }
.reportlib-pick .reportlib-list { max-height: 168px; overflow: auto; max-width: 720px;
  border: 1px solid var(--jp-border-color2); padding: 2px 8px; }
.reportlib-pick .reportlib-list .widget-checkbox { flex: none; height: 24px; line-height: 24px; margin: 0; }
.reportlib-pick .widget-label { color: var(--jp-ui-font-color1); }
.reportlib-pick .reportlib-told { color: var(--jp-ui-font-color2); font-size: 12px; line-height: 1.5; }
.reportlib-pick .reportlib-status { min-height: 20px; color: var(--jp-ui-font-color1); }
.reportlib-pick .reportlib-status code { display: block; overflow-x: auto; white-space: nowrap; user-select: all; }
.jp-Cell:has(.reportlib-updating) ~ .jp-Cell .jp-OutputArea-output { opacity: 0.45; }
.jp-Cell .jp-OutputArea-output { transition: opacity 0.15s; }
@media (prefers-reduced-motion: reduce) { .jp-Cell .jp-OutputArea-output { transition: none; } }
</style>"""
# JupyterLab takes an arrow key in a list as "next cell", and D pressed twice as "delete it". A widget cannot say that
# its keys are its own, so its HTML does: an image that fails to load runs this once it is on the page.
KEYS = """<img alt="" hidden src="data:," onerror="
  const keep = () => { const box = this.closest('.reportlib-pick');
    if (!box) return setTimeout(keep, 50);
    box.addEventListener('keydown', key => key.ctrlKey || key.metaKey || key.altKey || key.stopPropagation()); };
  keep()">"""
_following: FollowingCells | None = None  # of this kernel
_controls: "Controls | None" = None  # in use now


def show_controls(parameters, choices: dict, at_least: int):
    """Show controls in the running cell, as `pick` has it; those of an earlier run of it are no more."""
    global _following, _controls
    shell = get_ipython()
    if _controls:
        close(_controls.box)
    _following = _following or FollowingCells(shell)
    _controls = Controls(_following, shell.user_ns, parameters, choices, at_least)
    _following.begin()
    instead = f"Controls for {', '.join(_controls.names)}; run this cell to use them."
    display({**_controls.box._repr_mimebundle_(), "text/plain": instead}, raw=True)


def close(widget: ipywidgets.Widget):
    """Let a widget go, and those within it, which ipywidgets would keep."""
    for child in getattr(widget, "children", ()):
        close(child)
    widget.close()


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
        with self.widget.hold_sync():
            self.widget.options = self._offered
            self.widget.index = at or 0
        self._quiet = False

    def _selected(self, index):
        if not self._quiet and index is not None:
            self.value = self._offered[index][1]
            self._changed()


class Controls:
    """One control for each parameter, the notebook's variables, and the cells that follow.

    Attributes
    ----------
    box : ipywidgets.Box
    names : the parameters, in order
    """

    def __init__(self, following: FollowingCells, namespace: dict, parameters, choices: dict, at_least: int):
        self._following, self._namespace, self._lock = following, namespace, RLock()
        self._warehouse = open_warehouse() if parameters else None
        self.names = [*parameters, *choices]
        self._controls = {name: self._from_database(name, at_least) for name in parameters}
        for name, values in choices.items():
            options = [("default" if value is None else str(value), value) for value in values]
            self._controls[name] = Choice(name, options, self._changer(name))
        self._written: dict = {}  # what the notebook's own cells last said
        self.box = self._laid_out()
        following.picked = set(self.names)
        following.tell, following.assigned = self._tell, self.follow
        self.follow(set(self.names))

    def follow(self, assigned: set[str]):
        """Show what these variables are now that a cell of the notebook has assigned them."""
        written = {name: self._namespace[name] for name in self.names if name in assigned & set(self._namespace)}
        if written:
            with self._lock:
                self._written |= written
                for name, value in written.items():
                    self._controls[name].follow(value)
                self._narrow()
                self._status.value = ""

    def _from_database(self, name, at_least):
        if name in ("campaign", "campaigns"):
            known = metrics.select_campaigns(self._warehouse)
            return CampaignChooser(known, name == "campaigns", self._changer(name), at_least)
        options = []
        if name == "account":
            accounts = metrics.accounts(self._warehouse)
            options = [(f"{one_line(row.account)} · {row.account_id}", row.account_id) for row in accounts.itertuples()]
        return Choice(name, options, self._changer(name))

    def _laid_out(self):
        large = [control.widget for control in self._controls.values() if isinstance(control, CampaignChooser)]
        small = [control.widget for control in self._controls.values() if isinstance(control, Choice)]
        again = ipywidgets.Button(description="Run again", tooltip="Run the cells below once more, on the latest data")
        again.on_click(lambda _: self._following.choose({}))
        self._status = ipywidgets.HTML()
        self._status.add_class("reportlib-status")
        row = ipywidgets.HBox([*small, again])
        row.add_class("reportlib-row")
        box = ipywidgets.VBox([ipywidgets.HTML(notebook_style() + STYLE + KEYS), *large, row, self._status])
        box.add_class("reportlib-pick")
        return box

    def _changer(self, name):
        def changed():
            with self._lock:
                self._narrow()
                self._following.choose(self._chosen(name))

        return changed

    def _chosen(self, name):
        """What a choice of this parameter sets: itself, and what no longer fits it."""
        values = {name: self._controls[name].value}
        if name == "campaigns" and "baseline" in self._controls:
            values["baseline"] = self._controls["baseline"].value
        return values

    def _narrow(self):
        """Offer what fits the other choices: an account's weeks, the chosen campaigns as baseline."""
        if week := self._controls.get("week"):
            week.offer([(LAST, LAST), *((one, one) for one in self._weeks())])
        if baseline := self._controls.get("baseline"):
            named = self._controls["campaigns"].named()
            if baseline.value not in [one for _, one in named]:
                baseline.follow(None)
            baseline.offer([("by rule", None), *named])

    def _weeks(self):
        try:
            account = self._controls["account"].value if "account" in self._controls else None
            found = finished_campaigns_of(self._warehouse, account)
        except ReportError:
            return []  # said where the account is used
        return found["week"].dropna().drop_duplicates().sort_values(ascending=False).tolist()

    def _tell(self, said: str, busy: bool):
        """Say what is going on, and what to write into the parameters' cell to keep what was chosen."""
        (self.box.add_class if busy else self.box.remove_class)("reportlib-updating")
        changed = [name for name, value in self._written.items() if not busy and self._namespace.get(name) != value]
        lines = " ".join(f"<code>{escape(f'{name} = {self._namespace.get(name)!r}')}</code>" for name in changed)
        kept = f" To keep this, write into the cell of the parameters: {lines}" if changed else ""
        self._status.value = f'<span role="status">{escape(said)}{kept}</span>'
