"""A real JupyterLab, for a browser to open."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_jupyterlab(home: Path, database: str):
    """Its address; it shows the folder "notebooks" in `home`, and nobody's own settings."""
    command = [Path(sys.executable).with_name("jupyter"), "lab", "--no-browser", "--allow-root", "--port=0"]
    options = [f"--notebook-dir={home / 'notebooks'}", "--IdentityProvider.token=t", "--ServerApp.port_retries=0"]
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": database, "HOME": str(home)}
    log = home / "log"
    with log.open("w") as said, subprocess.Popen([*command, *options], env=environment, stderr=said) as server:
        try:
            yield _address(server, log)
        finally:
            server.terminate()


def _address(server, log):
    while server.poll() is None:
        if found := re.search(r"http://(localhost|127\.0\.0\.1):\d+/", log.read_text()):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())
