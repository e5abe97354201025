"""Parameters that are set on the command line: `--set top_groups=5`."""

from typing import Any

from reportlib.errors import InvalidParameters
from reportlib.yaml_files import parse_yaml


def read_settings(settings: tuple[str, ...]) -> dict:
    """The parameters by name, each value as a parameter file would have it. Raises InvalidParameters."""
    found: dict[str, Any] = {}
    for one in settings:
        name, separator, value = one.partition("=")
        if not separator or not name.strip():
            raise InvalidParameters(f"--set {one} sets nothing: write --set name=value")
        try:
            held, wrong = parse_yaml(f"{name.strip()}: {value}")
        except InvalidParameters as error:
            raise InvalidParameters(f"--set {name}: {error}") from None
        if wrong:
            raise InvalidParameters(f"--set {name}: {wrong[0][1]}")
        found |= held
    return found
