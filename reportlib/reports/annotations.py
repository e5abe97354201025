"""What the annotations in a cell of parameters mean, without running anything."""

import ast
import re
from contextlib import suppress
from typing import Any

from reportlib.errors import InvalidParameters, nearest
from reportlib.reports.kinds import PLAIN, all_kinds


class Names:
    """What the names in annotations mean, from the cells before: what they import, and the kinds they make."""

    def __init__(self, sources: list[str]):
        self.known: dict[str, Any] = dict(PLAIN)
        self.all_known = False
        for source in sources:
            try:
                body = ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE)).body
            except SyntaxError:  # which running it will tell of
                self.all_known = True
                continue
            for node in body:
                self._learn(node)

    def _learn(self, node):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in all_kinds():
                    self.known[alias.asname or alias.name] = all_kinds()[alias.name]
                self.all_known |= alias.name == "*"
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            with suppress(InvalidParameters):  # no kind, and none of our business unless a parameter names it
                self.known[node.targets[0].id] = self.meaning(node.value)

    def meaning(self, node) -> Any:
        """The type that an annotation is. Raises InvalidParameters."""
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            inner = [part.value if isinstance(part, ast.Constant) else self._inner(part) for part in parts]
            try:
                return self._generic(node.value.id)[inner[0] if len(inner) == 1 else tuple(inner)]
            except (TypeError, ValueError):
                raise InvalidParameters(f"{ast.unparse(node)} is no kind: see docs/your_own_report.md") from None
        raise InvalidParameters(f"{ast.unparse(node)} is no kind: write a name, or a name with […]")

    def _inner(self, node):
        if isinstance(node, ast.UnaryOp):
            return ast.literal_eval(node)
        return self.meaning(node)

    def _generic(self, name):
        return {"list": list, "dict": dict}.get(name) or self._named(name)

    def _named(self, name):
        if name in self.known:
            return self.known[name]
        if name in all_kinds() and self.all_known:
            return all_kinds()[name]
        if name in all_kinds():
            origin = "typing" if name == "Optional" else "reportlib"
            raise InvalidParameters(
                f"the kind {name} is not imported: write `from {origin} import {name}` into a cell before"
            )
        raise InvalidParameters(f"there is no kind {name!r}{nearest(name, [*all_kinds(), *PLAIN])}")
