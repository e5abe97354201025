"""What the docs say of each platform is what its module declares."""

import re

from reportlib.warehouse.connect.listing import listing, names, platform
from reportlib.warehouse.connect.platform import MEASURED, TELLS
from reportlib.warehouse.contract.tables import CHANNELS
from tests import PROJECT


def test_the_table_in_the_docs_is_the_listing():
    heading, lines = listing()
    text = (PROJECT / "docs" / "connecting.md").read_text()
    table = [f"| {' | '.join(heading)} |", "|" + "---|" * len(heading)]
    table += [f"| `{line[0]}` | {' | '.join(line[1:])} |" for line in lines]
    assert "\n".join(table) in text


def test_each_platform_declares_what_can_be_read():
    for name in names():
        one = platform(name)
        assert one.name == name
        assert set(one.tells) <= set(CHANNELS)
        assert {word for tells in one.tells.values() for word in tells} <= set(TELLS)
        assert {word for word in one.tells_if if word.split(".")[1] not in MEASURED} == set()
        declared = {extract.name for extract in one.extracts}
        asked = " ".join([*one.tables.values(), *one.no_place.values(), *one.notes.values(), one.unnamed or ""])
        assert set(re.findall(r"\bsource\.(\w+)", asked)) <= declared
        for extract in one.extracts:
            assert {*extract.key.split(), *extract.changed.split(), *extract.kept, *extract.only} <= set(extract.types)
