"""The monitor in JupyterLab: controls, and parts whose HTML is replaced in place, only where it differs.

It lives on the kernel's event loop, so that other cells run beside it; the database is asked in a thread. There is one
monitor in a kernel: watching again replaces it.
"""

import asyncio
import threading
import time
from contextlib import suppress
from html import escape

import ipywidgets
from sqlalchemy import Engine

from reportlib.errors import ReportError
from reportlib.metrics.live.watch import LiveFigures, LiveWatch
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.presentation.live import findings, parts
from reportlib.presentation.live.style import style
from reportlib.presentation.look import numbers
from reportlib.presentation.workbench.campaigns import CampaignChooser
from reportlib.warehouse import Warehouse

INTERVALS_S = (1, 2, 5, 10, 30, 60)
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 30.0
CLOCK_S = 1.0  # between two words on what a retry waits for
_current = None


def watch(engine: Engine, campaign, interval_s: float, timezone: str | None) -> ipywidgets.Widget:
    """Watch this campaign in the cell that shows the widget, in the stead of any monitor before."""
    global _current
    if _current:
        _current.close()
    _current = Monitor(engine, campaign, interval_s, timezone)
    _current.start()
    return _current.widget


class Monitor:
    """A campaign watched: asks, shows, waits; what goes wrong is shown, and asked again.

    Attributes
    ----------
    widget : ipywidgets.Widget
    looks : int, how often it has looked
    """

    def __init__(self, engine: Engine, campaign, interval_s: float, timezone: str | None):
        self._engine, self._campaign, self._timezone = engine, campaign, timezone
        self._interval_s, self._paused, self._task = interval_s, False, None
        self._wake, self._watch = asyncio.Event(), LiveWatch(engine, campaign)
        self._shown: tuple[LiveFigures, str] | None = None
        self.looks = 0
        self._build()

    def start(self):
        """Begin to watch, on the loop that runs."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())
        self._task.add_done_callback(self._ended)

    def close(self):
        """Watch no more, and take the widget away."""
        self._task.cancel()
        self.widget.close_all_of_it()

    def _build(self):
        self._pause = ipywidgets.ToggleButton(description="Pause", icon="pause", tooltip="Stop looking, or go on")
        every = sorted({*INTERVALS_S, self._interval_s})
        named = [(f"{seconds:g} s", seconds) for seconds in every]
        self._interval = ipywidgets.Dropdown(description="Every", options=named, value=self._interval_s)
        self._interval.layout.width = "150px"
        self._choice = ipywidgets.VBox()
        other = ipywidgets.Accordion([self._choice], titles=("Another campaign",), selected_index=None)
        self._pause.observe(lambda change: self._soon(self._pause_or_resume, change["new"]), "value")
        self._interval.observe(lambda change: self._soon(self._set_interval, change["new"]), "value")
        other.observe(lambda change: self._soon(self._offer_campaigns, change["new"] is not None), "selected_index")
        controls = ipywidgets.HBox([self._pause, self._interval])
        controls.add_class("controls")
        self._state = ipywidgets.HTML()
        self._parts = {name: ipywidgets.HTML() for name in parts.PARTS}
        for name, part in self._parts.items():
            part.add_class("alarms" if name == "alarms" else "figures")
        told = [self._parts["head"], self._state, self._parts["alarms"]]
        rest = [part for name, part in self._parts.items() if name not in ("head", "alarms")]
        self.widget = _Whole([ipywidgets.HTML(style()), controls, *told, *rest, other])
        self.widget.add_class("reportlib-live")
        self._say("Looking for the first time …")

    def _soon(self, act, *arguments):
        """Act on the loop: JupyterLab has controls handled in a thread of their own."""
        self._loop.call_soon_threadsafe(act, *arguments)

    def _pause_or_resume(self, paused: bool):
        self._paused = paused
        self._pause.description, self._pause.icon = ("Resume", "play") if paused else ("Pause", "pause")
        self._wake.set()

    def _set_interval(self, interval_s: float):
        self._interval_s = interval_s
        self._wake.set()

    def _offer_campaigns(self, wanted: bool):
        """Ask for the campaigns when somebody wants to choose one."""
        if wanted:
            self._offering = self._loop.create_task(self._offer())

    async def _offer(self):
        before = self._choice.children
        try:
            known = await _in_thread(lambda: select_campaigns(Warehouse(self._engine)))
        except ReportError as error:
            self._choice.children = [ipywidgets.HTML(escape(str(error)))]
        else:
            sending_first = known.assign(over=known["status"] != "sending").sort_values("over", kind="stable")
            chooser = CampaignChooser(
                sending_first, several=False, changed=lambda: self._soon(self._choose, chooser.value)
            )
            chooser.follow(self._campaign)
            self._choice.children = [chooser.widget]
        _close(before)

    def _choose(self, campaign):
        self._campaign, self._watch, self._shown = campaign, LiveWatch(self._engine, campaign), None
        for part in self._parts.values():
            part.value = ""
        self._say("Looking for the first time …")
        self._wake.set()

    async def _run(self):
        retry_s = FIRST_RETRY_S
        while True:
            self._wake.clear()
            if self._paused:
                self._say(f"Paused. Last looked at {self._last()}.")
                await self._wake.wait()
                continue
            watched = self._watch
            try:
                figures = await _in_thread(watched.look)
                retry_s = FIRST_RETRY_S
                self.looks += 1
                if watched is not self._watch:  # another campaign was chosen meanwhile
                    continue
                self._show(figures)
                if not figures.completed:
                    await _in_thread(watched.catch_up)
            except ReportError as error:
                await self._wait_to_retry(str(error), retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            await self._sleep(None if figures.completed else self._interval_s)

    def _ended(self, task):
        """A fault of ours is told where it is seen, and raised, so that the log has it whole."""
        if not task.cancelled() and (error := task.exception()):
            self._say(f"The monitor has stopped ({type(error).__name__}: {error}). Run its cell again.", bad=True)

    def _show(self, figures: LiveFigures):
        zone = parts.zone_of(figures, self._timezone)
        self._shown = figures, zone
        self.widget.remove_class("stale")
        for name, shown in parts.parts(figures, zone).items():
            self._put(self._parts[name], _announced(shown.html) if name == "alarms" else shown.html)
        words = f"Looks again every {self._interval_s:g} s."
        if figures.completed:
            words = "Looks no more: the campaign has completed."
        elif figures.flow_ms < figures.looked_ms - 1000 * max(5, 2 * self._interval_s):
            words += f" The timeline is of {findings.clock(figures.flow_ms, zone)}."
        self._say(words)

    async def _wait_to_retry(self, reason: str, retry_s: float):
        """Say what is wrong, what is shown meanwhile, and when it is tried again."""
        if self._shown:
            self.widget.add_class("stale")
        give_up_s = time.monotonic() + retry_s
        old = f" The figures below are old, of {self._last()}." if self._shown else ""
        while (left_s := give_up_s - time.monotonic()) > 0 and not self._wake.is_set():
            tried = f"Tried again in {max(1, round(left_s))} s."
            self._say(f"No answer: {reason}.{old} {tried}", bad=True)
            await self._sleep(min(left_s, CLOCK_S))

    async def _sleep(self, seconds: float | None):
        """Wait so long, for ever without a number, or until a control is used."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _last(self) -> str:
        if not self._shown:
            return numbers.NOTHING
        figures, zone = self._shown
        return findings.clock(figures.looked_ms, zone)

    def _say(self, words: str, bad: bool = False):
        self._put(self._state, f'<p class="state{" bad" if bad else ""}" role="status">{escape(words)}</p>')

    @staticmethod
    def _put(part, html):
        if part.value != html:
            part.value = html


class _Whole(ipywidgets.VBox):
    """The box of all, which can be closed with everything in it."""

    def close_all_of_it(self):
        _close([self])


def _close(widgets):
    """Close these widgets and those in them: an unclosed one is kept, by the kernel and by the browser."""
    for widget in widgets:
        _close(getattr(widget, "children", ()))
        layout, look = getattr(widget, "layout", None), getattr(widget, "style", None)
        widget.close()
        for part in (layout, look):
            if isinstance(part, ipywidgets.Widget):
                part.close()


def _announced(html: str) -> str:
    """Read aloud when it changes, without interrupting."""
    return f'<div role="alert" aria-live="polite">{html}</div>'


async def _in_thread(ask):
    """What `ask` returns, from a thread that keeps no kernel from ending: a database may never answer."""
    loop = asyncio.get_running_loop()
    answer = loop.create_future()

    def settle(how, value):
        if not answer.done():
            how(value)

    def run():
        try:
            outcome = answer.set_result, ask()
        except BaseException as error:
            outcome = answer.set_exception, error
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            return  # the loop is closed: the kernel ends

    threading.Thread(target=run, daemon=True, name="reportlib-live").start()
    return await answer
