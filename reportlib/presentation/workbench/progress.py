"""A cell that takes long says that it runs, and for how long, until it shows something."""

from threading import Event, Thread
from time import monotonic
from uuid import uuid4

from reportlib.presentation.look.front_end import has_front_end
from reportlib.presentation.workbench.cell_output import OutputWatch

AFTER_S = 2
EVERY_S = 1


class Progress:
    """Says so in every further cell that a front end sends; those that `pick` runs again have its line instead."""

    def __init__(self, shell):
        self._shell = shell
        self._over = None
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def _begin(self, info):
        if not (info.store_history and has_front_end()):
            return
        self._watch, self._over, self._told = OutputWatch(self._shell), Event(), False
        self._watch.start()
        self._thread = Thread(target=self._tell, args=[self._shell.get_parent(), self._over], daemon=True)
        self._thread.start()

    def _end(self, result):
        if not self._over:
            return
        self._over.set()
        self._thread.join()
        self._over = None
        if not self._watch.stop() and self._told and result.success:
            self._shell.display_pub.clear_output()

    def _tell(self, request, over):
        started, shown_as = monotonic(), {"display_id": uuid4().hex}
        self._shell.set_thread_parent(request)
        pause = AFTER_S
        while not over.wait(pause) and not self._watch.shown():
            line = {"text/plain": f"Running … {monotonic() - started:.0f} s"}
            self._shell.display_pub.publish(line, transient=shown_as, update=self._told)
            if not self._told:
                self._shell.display_pub.clear_output(wait=True)  # what is shown next takes its place
            self._told, pause = True, EVERY_S
