"""The controls above a notebook: what they show, set and tell."""

from collections.abc import Callable
from html import escape
from threading import RLock

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.presentation.look.display import notebook_style
from reportlib.presentation.workbench.asked import Asked
from reportlib.presentation.workbench.campaigns import CampaignChooser
from reportlib.presentation.workbench.cells import FollowingCells
from reportlib.presentation.workbench.one_control import Choice, Entry
from reportlib.warehouse import Warehouse, open_warehouse

CHOSEN_AMONG = ("campaign", "campaigns", "compared")  # kinds that are campaigns
STYLE = """<style>
.reportlib-pick { border: 1px solid var(--jp-border-color2); border-radius: 8px; padding: 10px 14px; max-width: 1080px;
  background: var(--jp-layout-color1); }
.reportlib-pick .reportlib-row { flex-flow: row wrap; gap: 2px 14px; }
.reportlib-pick .widget-select { width: auto; max-width: 900px; }
.reportlib-pick .widget-select select { min-width: 520px; overflow-x: auto; }
.reportlib-pick .reportlib-list { max-height: 290px; overflow: auto; max-width: 900px;
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


def show_controls(asked: Callable[[dict], list[Asked]], save: Callable[[str, dict], str]):
    """Show controls in the running cell; those of an earlier run of it are no more. `asked` says for which variables,
    given the notebook's namespace; `save` keeps their values under a name, and says with which command they are used.
    """
    global _following, _controls
    shell = get_ipython()
    if _controls:
        close(_controls.box)
    _following = _following or FollowingCells(shell)
    _controls = Controls(_following, shell.user_ns, asked, save)
    _following.begin()
    instead = f"Controls for {', '.join(_controls.names) or 'the parameters'}; run this cell to use them."
    display({**_controls.box._repr_mimebundle_(), "text/plain": instead}, raw=True)


def close(widget: ipywidgets.Widget):
    """Let a widget go, and those within it, which ipywidgets would keep."""
    for child in getattr(widget, "children", ()):
        close(child)
    widget.close()


class Controls:
    """One control for each variable that is asked for, and the cells that follow.

    Attributes
    ----------
    box : ipywidgets.Box
    names : the variables, in order
    """

    def __init__(
        self,
        following: FollowingCells,
        namespace: dict,
        asked: Callable[[dict], list[Asked]],
        save: Callable[[str, dict], str],
    ):
        self._following, self._namespace, self._lock = following, namespace, RLock()
        self._asked_in, self._save = asked, save
        self._warehouse: Warehouse | None = None
        self._written: dict = {}  # what the notebook's own cells last said
        self._controls: dict = {}
        self.box = ipywidgets.VBox()
        self.box.add_class("reportlib-pick")
        self._build(asked(namespace))
        following.tell, following.assigned = self._tell, self.follow
        self.follow(set(self.names))

    def follow(self, assigned: set[str]):
        """Show what these variables are now that a cell of the notebook has assigned them, and those it declared."""
        now = self._asked_in(self._namespace)
        if [(one.name, one.kind) for one in now] != [(one.name, one.kind) for one in self._asked]:
            self._build(now)
            assigned = assigned | set(self.names)
        written = {name: self._namespace[name] for name in self.names if name in assigned & set(self._namespace)}
        if written:
            with self._lock:
                self._written |= written
                for name, value in written.items():
                    self._controls[name].follow(value)
                self._narrow()
                self._status.value = ""

    def _build(self, asked):
        for child in self.box.children:
            close(child)
        self._asked, self.names = asked, [one.name for one in asked]
        if self._warehouse is None and any(one.kind for one in asked):
            self._warehouse = open_warehouse()
        self._controls = {one.name: self._control(one, self._warehouse) for one in asked}
        self.box.children = self._laid_out()
        self._following.picked = set(self.names)

    def _control(self, one: Asked, warehouse: Warehouse | None):
        if warehouse and one.kind in CHOSEN_AMONG:
            known, several = metrics.select_campaigns(warehouse), one.kind != "campaign"
            return CampaignChooser(known, several, self._changer(one), one.at_least)
        if one.offers:
            return Choice(one.name, [*one.offers(warehouse, {})], self._changer(one))
        read = lambda text: one.read(text, warehouse, self._others())  # noqa: E731
        return Entry(one.name, read, self._changer(one), lambda why: self._tell(f"{one.name}: {why}", False))

    def _laid_out(self) -> list:
        large = [control.widget for control in self._controls.values() if isinstance(control, CampaignChooser)]
        small = [control.widget for control in self._controls.values() if not isinstance(control, CampaignChooser)]
        again = ipywidgets.Button(description="Run again", tooltip="Run the cells below once more, on the latest data")
        again.on_click(lambda _: self._following.choose({}))
        said = "" if self._controls else "Run the cell of the parameters: then they can be chosen here."
        self._status = ipywidgets.HTML(said)
        self._status.add_class("reportlib-status")
        row = ipywidgets.HBox([*small, again, *self._saving()])
        row.add_class("reportlib-row")
        return [ipywidgets.HTML(notebook_style() + STYLE + KEYS), *large, row, self._status]

    def _saving(self) -> list:
        """What keeps the present choices as a file: its name, and a button."""
        if not self._controls:
            return []
        name = ipywidgets.Text(placeholder="name of this view", layout=ipywidgets.Layout(width="170px"))
        name.tooltip = "Name of this view"
        button = ipywidgets.Button(description="Save this view", tooltip="Write these choices as a file of parameters")

        def save(_):
            values = {one: self._namespace[one] for one in self.names if one in self._namespace}
            try:
                said = f"Saved. To make this report: <code>{escape(self._save(name.value, values))}</code>"
            except ReportError as error:
                said = f"Not saved: {escape(str(error))}"
            self._status.value = f'<span role="status">{said}</span>'

        button.on_click(save)
        return [name, button]

    def _changer(self, one):
        def changed():
            with self._lock:
                self._narrow()
                self._following.choose(self._chosen(one))

        return changed

    def _chosen(self, changed):
        """What a choice sets: itself, and what had to be one of its values."""
        within = [one.name for one in self._asked if one.one_of and one.one_of in _kinds(changed)]
        return {name: self._controls[name].value for name in (changed.name, *within)}

    def _others(self) -> dict:
        """The values that there are, by kind."""
        return {kind: self._controls[one.name].value for one in self._asked for kind in _kinds(one) if kind}

    def _narrow(self):
        """Offer what fits the other choices: an account's weeks, the chosen campaigns as baseline."""
        others = self._others()
        for one in self._asked:
            control = self._controls[one.name]
            if one.offers and isinstance(control, Choice):
                options = [*one.offers(self._warehouse, others)]
                if one.one_of and control.value not in [value for _, value in options]:
                    control.follow(None)
                control.offer(options)

    def _tell(self, said: str, busy: bool):
        """Say what is going on, and which values the parameters' cell needs to keep what was chosen."""
        (self.box.add_class if busy else self.box.remove_class)("reportlib-updating")
        changed = [name for name, value in self._written.items() if not busy and self._namespace.get(name) != value]
        lines = " ".join(f"<code>{escape(f'{name} = {self._namespace.get(name)!r}')}</code>" for name in changed)
        kept = f" To keep this, change the values in the cell of the parameters: {lines}" if changed else ""
        self._status.value = f'<span role="status">{escape(said)}{kept}</span>'


def _kinds(one: Asked) -> tuple[str, ...]:
    """What a variable is to others: campaigns are what is compared, too."""
    return ("campaigns", "compared") if one.kind in ("campaigns", "compared") else (one.kind,)
