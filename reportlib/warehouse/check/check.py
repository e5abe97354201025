"""Whether a campaign database is as the source contract says: what is missing or wrong, counted, with examples."""

from zoneinfo import available_timezones

import pandas as pd
from sqlalchemy import Column, Table, case, func, select, types
from sqlalchemy.sql import visitors

from reportlib.errors import nearest
from reportlib.warehouse.check.columns import references, rules_of_columns, zone_rule
from reportlib.warehouse.check.rows import rules_of_rows
from reportlib.warehouse.check.rule import BREAKS, Rule
from reportlib.warehouse.check.totals import totals_rules
from reportlib.warehouse.contract.tables import OPTIONAL, TABLES, Identifier, key_columns
from reportlib.warehouse.engines import compares_across_kinds, types_columns
from reportlib.warehouse.warehouse import Warehouse

EXAMPLES = 5
COLUMNS = {
    "table": "str",
    "problem": "str",
    "severity": "str",
    "count": "int64",
    "examples": "str",
    "explanation": "str",
}
KINDS = {
    types.Enum: "enumeration",  # before String, of which it is one
    types.String: "text",
    types.Integer: "integer",
    types.Numeric: "number",
    types.Float: "number",
    types.DateTime: "timestamp",
    types.Boolean: "boolean",
    types.Uuid: "uuid",
}
UNTYPED = "something else"
ACCEPTED = {
    Identifier: ("text", "integer", "uuid"),
    types.Text: ("text",),
    types.BigInteger: ("integer", "number"),
    types.Double: ("number", "integer"),
    types.DateTime: ("timestamp",),
    types.Boolean: ("boolean",),
}
ACCEPTED_ACROSS_KINDS = {types.Text: ("enumeration",), types.Boolean: ("integer",)}


def check_warehouse(warehouse: Warehouse) -> pd.DataFrame:
    """Everything in which the database differs from the source contract; no rows when it is as it should be.

    Whatever is missing is reported once, and the checks that do without it are still made.

    Returns
    -------
    DataFrame, one row per table and problem, with the columns
        table, problem : str
        severity : str, "breaks" (reports fail or are wrong) or "note" (reports say how they count it)
        count : int64, rows; for a table, column or type that is wrong, 1
        examples : str, up to five ids
        explanation : str, what is meant, and what to do
    Raises WarehouseError when the database does not answer.
    """
    found = _found_columns(warehouse)
    problems, usable = _structure(found, warehouse.engine.dialect.name)
    for table in TABLES.values():
        problems += _duplicates(warehouse, table, usable)
    every = [*rules_of_columns(), *rules_of_rows(warehouse.opened_ms), *totals_rules()]
    possible = [rule for rule in every if _needs(rule) <= usable]
    possible += _zone_rules(warehouse, usable)
    for source in {id(rule.source): rule.source for rule in possible}.values():
        problems += _broken(warehouse, [rule for rule in possible if rule.source is source])
    frame = pd.DataFrame(problems, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values("severity", kind="stable", ignore_index=True)


def _found_columns(warehouse: Warehouse) -> dict[str, dict]:
    """The types of the columns of each table or view that has the name of one in the contract."""
    columns = {name: warehouse.columns(name) for name in TABLES}
    return {name: found for name, found in columns.items() if found}


def _structure(found, engine_name: str) -> tuple[list[dict], set[Column]]:
    """What is missing or of the wrong type, and the columns that can be asked about."""
    problems, usable, across_kinds = [], set(), compares_across_kinds(engine_name)
    for name, table in TABLES.items():
        if name not in found and name in OPTIONAL:
            continue
        if name not in found:
            what = "It must be there, if only as an empty table or view."
            problems.append(_problem(name, "the table is missing", what))
            continue
        for column in table.columns:
            actual = found[name].get(column.name)
            if actual is None and column.info.get("optional"):
                continue
            if actual is None:
                near = nearest(column.name, found[name].keys() - table.columns.keys())
                what = f"Add it{near or '.'}"
                problems.append(_problem(name, f"the column {column.name} is missing", what))
            elif types_columns(engine_name) and _kind(actual) not in _accepted(column, across_kinds):
                what = (
                    f"It is {actual}, and should be {' or '.join(_accepted(column, across_kinds))}: cast it in a view."
                )
                problems.append(_problem(name, f"the column {column.name} has the wrong type", what))
            else:
                usable.add(column)
    for column, referred in references():
        kinds = [_kind(found[each.table.name][each.name]) for each in (column, referred) if each in usable]
        if len(set(kinds) - {UNTYPED}) == 2:
            what = f"It is {kinds[0]}, and {referred.table.name}.{referred.name} is {kinds[1]}: they cannot be joined."
            problems.append(_problem(column.table.name, f"the column {column.name} has another type of id", what))
            usable.remove(column)
    return problems, usable


def _kind(actual) -> str:
    return next((kind for type_, kind in KINDS.items() if isinstance(actual, type_)), UNTYPED)


def _accepted(column: Column, across_kinds: bool) -> tuple[str, ...]:
    kinds = ACCEPTED[type(column.type)]
    return kinds + ACCEPTED_ACROSS_KINDS.get(type(column.type), ()) if across_kinds else kinds


def _needs(rule: Rule) -> set[Column]:
    """The contract's columns that a rule asks about."""
    asked = select(*key_columns(TABLES[rule.table])).select_from(rule.source).where(rule.condition)
    columns = {each for each in visitors.iterate(asked) if isinstance(each, Column)}
    return {each for each in columns if isinstance(each.table, Table) and TABLES.get(each.table.name) is each.table}


def _zone_rules(warehouse: Warehouse, usable: set[Column]) -> list[Rule]:
    found, known = [], available_timezones()
    for table in TABLES.values():
        for column in table.columns:
            if column.info.get("timezone") and {column, *key_columns(table)} <= usable:
                zones = warehouse.sql(select(column).where(column.is_not(None)).distinct().order_by(column))
                unknown = [zone for zone in zones[column.name] if zone not in known]
                found += [zone_rule(column, unknown)] if unknown else []
    return found


def _broken(warehouse: Warehouse, of_one_source: list[Rule]) -> list[dict]:
    """The rules on one source that rows break: counted in one pass, then examples of each."""
    counts = [func.sum(case((rule.condition, 1), else_=0)).label(f"n{i}") for i, rule in enumerate(of_one_source)]
    row = warehouse.sql(select(*counts).select_from(of_one_source[0].source)).fillna(0).iloc[0]
    problems = []
    for rule, count in zip(of_one_source, row, strict=True):
        if count:
            keys = key_columns(TABLES[rule.table])
            of_rows = select(*keys).select_from(rule.source).where(rule.condition, *[key.is_not(None) for key in keys])
            examples = warehouse.sql(of_rows.order_by(*keys).limit(EXAMPLES))
            problems.append(_problem(rule.table, rule.problem, rule.explanation, rule.severity, count, examples))
    return problems


def _duplicates(warehouse: Warehouse, table: Table, usable: set[Column]) -> list[dict]:
    keys = key_columns(table)
    if not usable.issuperset(keys):
        return []
    present = select(*keys).where(*[key.is_not(None) for key in keys])
    twice = present.group_by(*keys).having(func.count() > 1)
    count = warehouse.sql(select(func.count().label("count")).select_from(twice.subquery()))["count"].iloc[0]
    if not count:
        return []
    examples = warehouse.sql(twice.order_by(*keys).limit(EXAMPLES))
    what = "Ids that several rows share; their rows are counted more than once."
    name = " and ".join(key.name for key in keys)
    return [_problem(table.name, f"{name} is not unique", what, BREAKS, count, examples)]


def _problem(table, problem, explanation, severity=BREAKS, count=1, examples=None) -> dict:
    rows = [] if examples is None else examples.itertuples(index=False)
    return {
        "table": table,
        "problem": problem,
        "severity": severity,
        "count": int(count),
        "examples": ", ".join("/".join(map(str, row)) for row in rows),
        "explanation": explanation,
    }
