"""Reading a file of parameters as papermill reads it, and saying where YAML would do something else than meant."""

from pathlib import Path

import yaml

from reportlib.errors import InvalidParameters

_INTEGER, _TIMESTAMP = "tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """YAML without dates, as papermill's own NoDatesSafeLoader, which takes all of papermill to import."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own form
        first: [resolver for resolver in resolvers if resolver[0] != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(file: Path) -> tuple[dict, list[tuple[str, str]]]:
    """The parameters in a YAML file, and what is wrong with how they are written: (parameter, what).

    Raises InvalidParameters for a file that cannot be read as parameters at all.
    """
    try:
        loader = _Loader(file.read_text(encoding="utf-8-sig"))
        root = loader.get_single_node()
        if root is None:
            return {}, []
        if not isinstance(root, yaml.MappingNode):
            raise InvalidParameters("holds no parameters: lines like `campaign: spring-sale` are expected")
        problems = [
            problem for path, node in _mappings(root) for problem in (*_given_twice(path, node), *_misread(path, node))
        ]
        return loader.construct_document(root), problems
    except OSError as error:
        raise InvalidParameters(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InvalidParameters("is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InvalidParameters(f"is not YAML{where}: {reason}") from None


def _mappings(node, path=""):
    """Every mapping of a document with the names that lead to it, "mail." for what stands in `mail`."""
    if isinstance(node, yaml.MappingNode):
        yield path, node
        for key, value in node.value:
            yield from _mappings(value, f"{path}{key.value}.")
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _mappings(part, path)


def _given_twice(path, mapping):
    """YAML takes the last of them without a word."""
    seen = set()
    for key, _ in mapping.value:
        if key.value in seen:
            yield f"{path}{key.value}", f"is given twice, again at line {key.start_mark.line + 1}"
        seen.add(key.value)


def _misread(path, mapping):
    """Whole numbers that are not what stands there: 007 is 7, 010 is 8, 1_000 is 1000, 12:30 is 750."""
    for key, value in mapping.value:
        for scalar in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if scalar.tag == _INTEGER:
                read = yaml.safe_load(scalar.value)
                if str(read) != scalar.value:
                    yield (
                        f"{path}{key.value}",
                        f"YAML reads {scalar.value} as {read}: put it in quotes, or write {read}",
                    )
