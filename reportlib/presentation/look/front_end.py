"""Whether somebody looks on: a notebook in JupyterLab has controls and progress, a report has not."""

import sys


def has_front_end() -> bool:
    """Whether the running cell was sent by a notebook interface (JupyterLab, VS Code), which says which cell it is.

    papermill, nbconvert, nbval and `reportlib run` send the code alone.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "get_parent"):  # a terminal, or no IPython at all
        return False
    return bool((shell.get_parent() or {}).get("metadata", {}).get("cellId"))
