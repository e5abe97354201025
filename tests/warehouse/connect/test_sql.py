"""SQL that several platforms have in common, on rows made by hand."""

import duckdb

from reportlib.warehouse.connect.sql import json_attributes

HELD = [
    '{"plan": "pro", "vip": true, "n": 1.5, "blank": "", "none": null, "list": [1], "more": {"a": 1}}',
    '{"": "no name", "say \\"hi\\"": "é", "a.b": "line\\nbreak", "big": 123456789012345678901234567890}',
    *("{}", "[1, 2]", "5", "null", "", "{'no': json}", '{"cut":', None),
]


def test_attributes_are_the_plain_values_of_an_object_and_nothing_else_fails():
    database = duckdb.connect()
    database.execute("CREATE SCHEMA source; CREATE TABLE source.people (id INT, attribs VARCHAR)")
    database.executemany("INSERT INTO source.people VALUES (?, ?)", list(enumerate(HELD)))
    found = sorted(database.sql(json_attributes("people", "attribs")).fetchall())
    assert found == [
        *[(0, "blank", ""), (0, "n", "1.5"), (0, "plan", "pro"), (0, "vip", "true")],
        *[(1, "a.b", "line\nbreak"), (1, "big", "123456789012345678901234567890"), (1, 'say "hi"', "é")],
    ]
