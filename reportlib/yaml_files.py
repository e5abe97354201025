"""Reading a file of parameters as papermill reads it, and saying where YAML would do something else than meant."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from reportlib.errors import InvalidParameters

LARGEST, DEEPEST, MOST = 1_000_000, 20, 20_000  # bytes, levels, values where each is counted as often as it is named
_KIND = "tag:yaml.org,2002:"
_INTEGER, _TIMESTAMP, _TEXT, _MERGE = (f"{_KIND}{kind}" for kind in ("int", "timestamp", "str", "merge"))
_KINDS = {f"{_KIND}{kind}" for kind in ("int", "float", "bool", "null", "str", "merge", "value", "map", "seq")}
# No parameter has a use for these: control characters but line breaks and tabs, and halves of characters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_TEXT = re.compile("[\ud800-\udfff]")  # half of a pair, which YAML may escape
_LONGEST_SHOWN = 40


class _Loader(yaml.SafeLoader):
    """YAML without dates, as papermill's own NoDatesSafeLoader, which takes all of papermill to import."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own form
        first: [resolver for resolver in resolvers if resolver[0] != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(file: Path) -> tuple[dict, list[tuple[str, str]]]:
    """The parameters in a YAML file, and what is wrong with how they are written: (parameter, what).

    There are no parameters where something is wrong that YAML cannot read. Raises InvalidParameters for a file that
    cannot be read as parameters at all.
    """
    return parse_yaml(_text_of(file))


def parse_yaml(text: str) -> tuple[dict, list[tuple[str, str]]]:
    """What `read_yaml` reads, of a text."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return {}, []
        if not isinstance(root, yaml.MappingNode):
            raise InvalidParameters("holds no parameters: lines like `campaign: spring-sale` are expected")
        problems, is_readable = [], True
        for path, node in _walked(root):
            if isinstance(node, yaml.MappingNode):
                problems += _given_twice(path, node)
            elif why := _unreadable(loader, node):
                problems.append((path, why))
                is_readable = False
            elif node.tag == _INTEGER:
                problems += _misread(path, loader, node)
        return (loader.construct_document(root) if is_readable else {}), problems
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InvalidParameters(f"is not YAML{where}: {reason}") from None
    except RecursionError:
        raise InvalidParameters(f"is nested more than {DEEPEST} deep") from None


def load_bounded(text: str, kind: type[yaml.BaseLoader] | type[yaml.SafeLoader]):
    """What a YAML text holds to this loader of PyYAML's, whatever that is, where it is not too much.

    An anchor may be named within itself, and anchors of anchors are a billion values in ten lines. Raises
    InvalidParameters, yaml.YAMLError.
    """
    try:
        loader = kind(text)
        root = loader.get_single_node()
        waiting, seen = [(root, 0)] if root is not None else [], 0
        while waiting:
            node, depth = waiting.pop()
            seen += 1
            if depth > DEEPEST or seen > MOST:
                raise InvalidParameters(f"it is nested more than {DEEPEST} deep, or has more than {MOST:,} values")
            if isinstance(node, yaml.SequenceNode):
                waiting += [(part, depth + 1) for part in node.value]
            elif isinstance(node, yaml.MappingNode):
                waiting += [(part, depth + 1) for pair in node.value for part in pair]
            elif _NO_TEXT.search(node.value):
                raise InvalidParameters("a text in it has half a character: it is no UTF-8")
        return loader.construct_document(root) if root is not None else None
    except RecursionError:
        raise InvalidParameters(f"it is nested more than {DEEPEST} deep") from None


def _text_of(file) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InvalidParameters(f"is larger than {LARGEST:,} bytes: name a file of parameters")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidParameters("is not UTF-8 text") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise InvalidParameters(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _walked(root) -> Iterator[tuple[str, yaml.Node]]:
    """Every mapping and every value of a document with the names that lead to it: "mail.sender", or "mail." for the
    mapping itself. Raises InvalidParameters for names that are none, and where there is too much: an anchor may be
    named within itself, and anchors of anchors are a billion values in ten lines."""
    waiting, seen = [("", root, 0)], 0
    while waiting:
        path, node, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise InvalidParameters(f"is nested more than {DEEPEST} deep, at {path.rstrip('.') or 'its top'}")
        if seen > MOST:
            raise InvalidParameters(f"has more than {MOST:,} values")
        if node.tag not in _KINDS:
            tag = node.tag.replace(_KIND, "!!")
            raise InvalidParameters(f"{path.rstrip('.')} is marked {tag}: write it without")
        if isinstance(node, yaml.ScalarNode):
            yield path, node
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(path, part, depth + 1) for part in reversed(node.value)]
        else:
            named = [(_name(path, key), value) for key, value in reversed(node.value)]
            yield path, node
            for name, value in named:
                waiting.append((f"{name}." if isinstance(value, yaml.MappingNode) else name, value, depth + 1))


def _name(path, key) -> str:
    if not isinstance(key, yaml.ScalarNode) or key.tag not in (_TEXT, _MERGE) or _UNFIT.search(key.value):
        what = _short(key.value) if isinstance(key, yaml.ScalarNode) else "a list or a mapping"
        place = f"line {key.start_mark.line + 1}, column {key.start_mark.column + 1}"
        raise InvalidParameters(f"at {place}, the name of a parameter is expected, not {what}")
    return f"{path}{key.value}"


def _unreadable(loader, node) -> str:
    """Why a value cannot be read, if it cannot: !!int abc, 0x_, a whole number of 5,000 digits, a NUL."""
    try:
        loader.construct_object(node)
    except (ValueError, LookupError, AttributeError, TypeError, ArithmeticError):
        kind = node.tag.removeprefix(_KIND)
        return f"YAML cannot read {_short(node.value)} as {kind}: put it in quotes, or correct it"
    if found := _UNFIT.search(node.value):
        return f"holds the character U+{ord(found[0]):04X}, which no parameter may"
    return ""


def _given_twice(path, mapping):
    """YAML takes the last of them without a word."""
    seen = set()
    for key, _ in mapping.value:
        if key.value in seen:
            yield f"{path}{key.value}", f"is given twice, again at line {key.start_mark.line + 1}"
        seen.add(key.value)


def _misread(path, loader, scalar):
    """Whole numbers that are not what stands there: 007 is 7, 010 is 8, 1_000 is 1000, 12:30 is 750."""
    read = loader.construct_object(scalar)
    if str(read) != scalar.value:
        yield path, f"YAML reads {scalar.value} as {read}: put it in quotes, or write {read}"


def _short(text):
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
