"""SQL that several platforms' modules have in common."""


def json_attributes(extract: str, column: str, contact: str = "id") -> str:
    """The contract's contact_attributes from a column of JSON objects: texts, numbers and truths, nothing nested."""
    held = f"CASE WHEN json_type(CASE WHEN json_valid({column}) THEN {column} END) = 'OBJECT' THEN {column} END"
    return f"""
        SELECT contact AS contact_id, key AS attribute, atom ->> '$' AS value
        FROM (SELECT {contact} AS contact, {held} AS held FROM source.{extract}) people, json_each(held)
        WHERE type NOT IN ('OBJECT', 'ARRAY', 'NULL') AND key <> ''"""
