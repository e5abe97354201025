"""The control for one campaign or several: those that can be reported on, narrowed by account, words and dates."""

import unicodedata
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date

import ipywidgets
import pandas as pd

from reportlib.presentation.look.numbers import count, plural
from reportlib.presentation.workbench.labels import label, one_line, started

MOST_OFFERED = 40  # at once; the words find the others
MOST_ROWS = 12  # in sight at once
ALL_ACCOUNTS = ""


def offered(known: pd.DataFrame, account=ALL_ACCOUNTS, words: str = "", since=None, until=None) -> pd.DataFrame:
    """The campaigns of `metrics.campaigns` that have all these words in name or id and started within these days.

    Capitals and accents make no difference. `since` and `until` are dates, on the clock of each account, None for any.
    """
    found = known if account == ALL_ACCOUNTS else known[known["account_id"].astype(str) == account]
    wanted = plain(words).split()
    texts = [plain(f"{name} {one}") for name, one in zip(found["name"], found["campaign_id"], strict=True)]
    found = found[[all(word in text for word in wanted) for text in texts]]
    if since or until:
        days = [started(row) for row in found.itertuples()]
        found = found[[day is not None and (since or date.min) <= day <= (until or date.max) for day in days]]
    return found.reset_index(drop=True)


def plain(text) -> str:
    """A text without capitals and accents, to search in."""
    parts = unicodedata.normalize("NFKD", str(text).casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


class CampaignChooser:
    """What `campaign` (one) or `campaigns` (several) is set with.

    Of several, none chosen means all that are found, unless there have to be `at_least` so many. `changed` is called
    when somebody has chosen, not while fewer are.

    Attributes
    ----------
    widget : ipywidgets.Widget
    value : an id, a list of ids, or None: nothing chosen yet, or all campaigns
    """

    def __init__(self, known: pd.DataFrame, several: bool, changed: Callable[[], None], at_least: int = 0):
        self._at_least = at_least
        self._known = known.assign(key=known["campaign_id"].astype(str))
        self._several, self._changed = several, changed
        self._chosen: list[str] = []
        self._quiet = False
        self._build()
        self._offer()

    def _build(self):
        accounts = self._known.drop_duplicates("account_id").sort_values("account_id")
        names = [(f"{one_line(row.account)} · {row.account_id}", str(row.account_id)) for row in accounts.itertuples()]
        self._account = ipywidgets.Dropdown(options=[("all accounts", ALL_ACCOUNTS), *names], description="Account")
        self._words = ipywidgets.Text(description="Search", placeholder="words of a name or id")
        self._since = ipywidgets.DatePicker(description="Started from")
        self._until = ipywidgets.DatePicker(description="to")
        narrowing = [*([self._account] if len(names) > 1 else []), self._words, self._since, self._until]
        for control in narrowing:
            control.style.description_width = "initial"
            control.observe(lambda change: self._narrowed(), "value")
        self._told = ipywidgets.HTML()
        self._told.add_class("reportlib-told")
        self._boxes = []
        if self._several:
            look = ipywidgets.Layout(width="auto")
            self._boxes = [ipywidgets.Checkbox(indent=False, layout=look) for _ in range(MOST_OFFERED)]
            for at, box in enumerate(self._boxes):
                box.observe(lambda change, at=at: self._ticked(at, change["new"]), "value")
            self._list = ipywidgets.VBox()
            self._list.add_class("reportlib-list")
        else:
            self._list = ipywidgets.Select(description="Campaign", rows=min(MOST_ROWS, max(2, len(self._known))))
            self._list.observe(lambda change: self._selected(change["new"]), "value")
        self.widget = ipywidgets.VBox([ipywidgets.HBox(narrowing), self._list, self._told])
        self.widget.children[0].add_class("reportlib-row")

    @property
    def value(self):
        if not self._several:
            return self._id(self._chosen[0]) if self._chosen else None
        if self._chosen:
            return [self._id(key) for key in self._chosen]
        return self._found["campaign_id"].tolist() if self._is_narrowed() and not self._at_least else None

    def follow(self, value):
        """Show what the notebook has, without setting anything."""
        ids = [] if value is None else value if isinstance(value, (list, tuple)) else [value]
        chosen = [str(one) for one in ids if str(one) in set(self._known["key"])]
        whole = self._several and sorted(chosen) == sorted(self._found["key"]) and self._is_narrowed()
        self._chosen = [] if whole else chosen
        self._offer()

    def named(self) -> list[tuple[str, object]]:
        """The chosen campaigns as (label, id)."""
        return [(label(row), row.campaign_id) for row in self._rows(self._chosen)]

    def _offer(self):
        """Fill the list with what is found; what is chosen stays in sight, before the others where it has to."""
        narrowed = self._account.value, self._words.value, self._since.value, self._until.value
        self._found = offered(self._known, *narrowed)
        shown = self._found["key"].tolist()
        if self._several or not set(self._chosen) <= set(shown[:MOST_OFFERED]):
            shown = [*self._chosen, *(key for key in shown if key not in self._chosen)]
        self._shown, self._hidden = shown[:MOST_OFFERED], len(shown) > MOST_OFFERED
        rows = list(self._rows(self._shown))
        with self._quietly():
            if self._several:
                for box, row in zip(self._boxes, rows, strict=False):
                    with box.hold_sync():
                        box.description, box.value = label(row), row.key in self._chosen
                self._list.children = self._boxes[: len(rows)]
            else:
                options = [(label(row), row.key) for row in rows]
                with self._list.hold_sync():
                    if tuple(options) != self._list.options:
                        self._list.options = options
                    self._list.value = self._chosen[0] if self._chosen else None
        self._told.value = self._summary()

    def _summary(self):
        found = f"{count(len(self._found))} of {plural(len(self._known), 'campaign')}"
        parts = [found, f"{MOST_OFFERED} are listed, search for the others" if self._hidden else ""]
        if self._several:
            meant = "none chosen: all of them are meant" if self._is_narrowed() else "none chosen: all are meant"
            parts.append(f"{count(len(self._chosen))} chosen" if self._chosen or self._at_least else meant)
            parts.append(f"choose {self._at_least} or more" if len(self._chosen) < self._at_least else "")
        return "; ".join(part for part in parts if part)

    def _is_narrowed(self):
        return len(self._found) < len(self._known)

    def _narrowed(self):
        if self._quiet:
            return
        before = self.value
        self._offer()
        if self.value != before and self.value:  # all that are found, where none is chosen
            self._changed()

    def _selected(self, key):
        if not self._quiet and key is not None:
            self._chosen = [key]
            self._changed()

    def _ticked(self, at, ticked):
        if self._quiet:
            return
        key = self._shown[at]
        self._chosen = [one for one in self._chosen if one != key] + ([key] if ticked else [])
        self._told.value = self._summary()
        if len(self._chosen) >= self._at_least:
            self._changed()

    def _rows(self, keys):
        by_key = self._known.set_index("key", drop=False)
        return by_key.loc[list(keys)].itertuples()

    def _id(self, key):
        return self._known.loc[self._known["key"] == key, "campaign_id"].tolist()[0]  # an int, not numpy's

    @contextmanager
    def _quietly(self):
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before
