"""The fonts that charts are measured with."""

import os
import tempfile
from pathlib import Path

import vl_convert

_CHOICE = "FONTCONFIG_FILE"  # where a Linux system's fonts are listed
_NOWHERE = "/nonexistent"
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def measure_in_memory():
    """Let vl-convert take the Liberation Sans, as wide as Arial, that it holds in memory before the system's.

    Of a system's font it opens the file again for every letter of every label, some 5,000 times a chart, which was the
    greater part of drawing one. Fonts are found in the order of their folders, its own last. So it is given no folder
    when it first looks for them, then the usual ones: they have the letters that its own font lacks. A list of fonts
    that the user has chosen stays in force. For while this process has one thread, since others could see its
    environment change, and before anything is drawn.
    """
    if _CHOICE in os.environ:
        return
    with tempfile.NamedTemporaryFile(suffix=".conf") as file:
        file.write(f"<fontconfig><dir>{_NOWHERE}</dir></fontconfig>".encode())
        file.flush()
        os.environ[_CHOICE] = file.name
        vl_convert.register_font_directory(_NOWHERE)  # it looks for the system's, too, now
        del os.environ[_CHOICE]
    for folder in map(Path, _FOLDERS):
        vl_convert.register_font_directory(str(folder.expanduser()))
