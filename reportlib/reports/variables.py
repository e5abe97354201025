"""The variables of a notebook that controls can be for."""

from reportlib.errors import InvalidParameters, nearest

BY_NAME = ("account", "campaign", "campaigns", "week", "baseline")  # whose kinds are called so


def declared_in(namespace: dict) -> dict:
    """The types that a notebook's cells gave to its variables, by name."""
    held = namespace.get("__annotations__")
    if held is None and "__annotate__" in namespace:  # Python 3.14: of the cell that ran last
        held = namespace["__annotate__"](1)
    return {name: one for name, one in (held or {}).items() if name in namespace and not name.startswith("_")}


def require_known(parameters: tuple[str, ...], typed: dict):
    """Raise InvalidParameters for a variable of which nothing says what it can be."""
    for name in parameters:
        if name not in typed and name not in BY_NAME:
            near = nearest(name, [*typed, *BY_NAME])
            raise InvalidParameters(f"pick does not know what {name!r} can be{near}; give its choices: {name}=[…]")
