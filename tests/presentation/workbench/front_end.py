"""A front end without a screen: it sends cells to a real kernel as JupyterLab does, and keeps what each one shows."""

import time
from queue import Empty

from jupyter_client.manager import start_new_kernel

PATIENCE_S = 60


class FrontEnd:
    """One notebook's page; `outputs[cell]` is what the cell shows now, as a list of messages' contents."""

    def __init__(self, client):
        self._client = client
        self._ran: dict[str, str] = {}  # request: cell
        self._clear_next: set[str] = set()
        self.outputs: dict[str, list[dict]] = {}
        self.models: dict[str, dict] = {}  # of widgets, by comm

    def run(self, cell: str | None, source: str, deleted=()) -> dict:
        """Run a cell, its number apart as JupyterLab does; without a `cell` as papermill does. The reply's content."""
        metadata = {"cellId": cell, "deletedCells": list(deleted)} if cell else {}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        request = message["header"]["msg_id"]
        self._ran[request], self.outputs[cell] = cell, []
        self._client.shell_channel.send(message)
        self._pump(lambda told: told["msg_type"] == "status" and _is_idle(told, request))
        while (reply := self._client.get_shell_msg(timeout=PATIENCE_S))["parent_header"]["msg_id"] != request:
            pass
        return reply["content"]

    def choose(self, label: str, **state):
        """Change the control with this description, as somebody does who uses it."""
        comm = next(one for one, model in self.models.items() if model.get("description") == label)
        content = {"comm_id": comm, "data": {"method": "update", "state": state, "buffer_paths": []}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))

    def wait_for(self, said: str):
        """Until the controls have said that they update, and then this."""
        for expected in ("Updating", said):
            self._pump(lambda told, expected=expected: expected in self.status)

    @property
    def status(self) -> str:
        """What the controls say."""
        return "".join(model["value"] for model in self.models.values() if "role=" in str(model.get("value")))

    def texts(self, cell: str) -> list[str]:
        """What the cell shows, as text."""
        return [_text(output) for output in self.outputs[cell]]

    def settle(self, seconds: float):
        """Listen for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self._hear(self._client.get_iopub_msg(timeout=left))
            except Empty:
                return

    def _pump(self, enough):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            message = self._client.get_iopub_msg(timeout=PATIENCE_S)
            self._hear(message)
            if enough(message):
                return
        raise TimeoutError(f"{self.status!r}, {self.outputs}")

    def _hear(self, message):
        kind, content = message["msg_type"], message["content"]
        cell = self._ran.get(message["parent_header"].get("msg_id"))
        shown = self.outputs.setdefault(cell, [])
        if kind == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg":
            self.models[content["comm_id"]] |= content["data"].get("state", {})
        elif kind == "comm_close":
            self.models.pop(content["comm_id"], None)
        elif kind == "clear_output":
            if content["wait"]:
                self._clear_next.add(cell)
            else:
                shown.clear()
        elif kind == "update_display_data":
            wanted = content["transient"]["display_id"]
            for output in shown:
                if output.get("transient", {}).get("display_id") == wanted:
                    output["data"] = content["data"]
        elif kind in ("display_data", "execute_result", "stream", "error"):
            if cell in self._clear_next:
                self._clear_next.discard(cell)
                shown.clear()
            shown.append(content)


def start():
    """A kernel and the page that talks to it: (manager, FrontEnd)."""
    manager, client = start_new_kernel()
    return manager, FrontEnd(client)


def _is_idle(message, request):
    return message["content"]["execution_state"] == "idle" and message["parent_header"].get("msg_id") == request


def _text(output):
    if "traceback" in output:
        return "\n".join(output["traceback"])
    return output["text"] if "text" in output else output["data"].get("text/plain", "")
