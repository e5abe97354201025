"""The cells that follow a choice: run again in the kernel, what each shows replaced where it stands.

A front end keeps listening to every request it has sent, so that a thread's late words reach their cell. What is
published as the answer to the request that last ran a cell therefore appears in that cell, and is saved with it, as if
the cell had been run by hand.
"""

import ast
import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

from reportlib.presentation.workbench.cell_output import OutputWatch

PAUSE_S = 0.25  # after a choice, before anything runs: who holds an arrow key passes many
BREATH_S = 0.01  # between cells, for a newer choice, an interrupt or another cell to come in


@dataclass(frozen=True)
class Cell:
    """A cell as it was last run by hand: its source, the message that asked for it, IPython's count after it."""

    source: str
    request: dict
    count: int


class FollowingCells:
    """Every cell run by hand since `begin`, in the order of the notebook as far as their running tells it.

    Cells that assign one of the `picked` names are not run again: they would undo the choice. `tell` is called with
    what is going on: a sentence, and whether it is still going on. All but `choose` is for the kernel's main thread.
    """

    def __init__(self, shell):
        self._shell = shell
        self._loop = asyncio.get_running_loop()
        self._cells: dict[str, Cell] = {}
        self._known_before: set[str] = set()
        self._values: dict = {}
        self._waiting = self._task = None
        self._updating = False
        self._own_cell = self._shown_on = ""
        self.picked: set[str] = set()
        self.tell: Callable[[str, bool], None] = lambda said, busy: None
        self.assigned: Callable[[set[str]], None] = lambda names: None  # called when a cell was run by hand
        shell.events.register("post_run_cell", self._record)

    def begin(self):
        """The cell that runs now has the controls; what is run from now on stands below it, in this order."""
        self._own_cell = self._shell.get_parent()["metadata"]["cellId"]
        self._cells.pop(self._own_cell, None)
        self._known_before = set(self._cells)
        self._stop()

    def choose(self, values: dict):
        """Give these names these values and run what follows, unless another choice comes at once. From any thread."""
        self._loop.call_soon_threadsafe(self._wait, values, self._page())

    def _wait(self, values, page):
        self._stop()
        self._values |= values
        self._shown_on = page
        self.tell("Updating …", True)
        self._waiting = self._loop.call_later(PAUSE_S, self._start)

    def _stop(self):
        if self._waiting:
            self._waiting.cancel()
        if self._task:
            self._task.cancel()
        self._waiting = self._task = None

    def _start(self):
        self._waiting = None
        self._shell.user_ns.update(self._values)
        self._values = {}
        self._task = self._loop.create_task(self._update())

    async def _update(self):
        cells = [cell for cell in self._cells.values() if not self.picked & assigned(cell.source)]
        if any(cell.request["header"]["session"] != self._shown_on for cell in cells):
            self.tell("This page was loaded anew: run all cells once more, then they follow.", False)
            return
        for at, cell in enumerate(cells, 1):
            self.tell(f"Updating … cell {at} of {len(cells)}", True)
            await asyncio.sleep(BREATH_S)
            if not await self._run_again(cell):
                for later in cells[at:]:
                    self._show(later, "Not updated: a cell above has an error.")
                self.tell("Stopped at an error, shown in its cell.", False)
                break
        else:
            self.tell("Up to date." if cells else "Run the cells below once; from then on they follow.", False)
        self._task = None

    async def _run_again(self, cell: Cell) -> bool:
        """Whether it went well; what it shows, an error too, replaces what it showed."""
        shell, kernel = self._shell, self._shell.kernel
        watch, count = OutputWatch(shell), shell.execution_count
        shell.history_manager.outputs.pop(cell.count - 1, None)  # IPython keeps, by number, whatever a cell has shown
        with self._answering(cell):
            kernel.pre_handler_hook()  # lets an interrupt through
            self._updating, shell.execution_count = True, cell.count  # Out[…] keeps its number
            watch.start()
            try:
                shell.display_pub.clear_output(wait=True)  # until there is something else to show
                reply = await kernel.do_execute(cell.source, silent=False, store_history=False)
            finally:
                shown = watch.stop()
                self._updating, shell.execution_count = False, count
                kernel.post_handler_hook()
            if reply["status"] == "ok" and not shown:
                shell.display_pub.clear_output()
        return reply["status"] == "ok"

    def _show(self, cell: Cell, said: str):
        with self._answering(cell):
            self._shell.display_pub.clear_output(wait=True)
            self._shell.display_pub.publish({"text/plain": said})

    @contextmanager
    def _answering(self, cell: Cell):
        """What is published within is an answer to the request that ran the cell."""
        tokens = self._shell.set_thread_parent(cell.request)
        try:
            yield
        finally:
            self._shell.reset_thread_parent(tokens)

    def _page(self) -> str:
        """The page in a browser from which the message now in hand came."""
        return self._shell.get_parent()["header"]["session"]

    def _record(self, result):
        request = self._shell.get_parent()
        cell = request.get("metadata", {}).get("cellId")
        if self._updating or not cell:
            return
        for gone in request["metadata"].get("deletedCells", ()):
            self._cells.pop(gone, None)
        if cell != self._own_cell:
            if cell in self._known_before:  # of an earlier order
                self._known_before.discard(cell)
                self._cells.pop(cell, None)
            self._cells[cell] = Cell(result.info.raw_cell, request, self._shell.execution_count)
        self.assigned(assigned(result.info.raw_cell))


def assigned(source: str) -> set[str]:
    """The names that a cell's statements assign at their top level; none where it is not plain Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # %magic, or a mistake that running it will tell of
        return set()
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in body if isinstance(node, (ast.AnnAssign, ast.AugAssign))]
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
