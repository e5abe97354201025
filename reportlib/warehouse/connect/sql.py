"""SQL that several platforms' modules have in common."""


def json_attributes(extract: str, column: str, contact: str = "id") -> str:
    """The contract's contact_attributes from a column of JSON objects: texts, numbers and truths, nothing nested."""
    return f"""
        SELECT contact AS contact_id, attribute, value FROM (
            SELECT contact, attribute, json_extract(held, '$."' || attribute || '"') AS found,
                json_extract_string(held, '$."' || attribute || '"') AS value
            FROM (SELECT {contact} AS contact, {column} AS held, unnest(json_keys({column})) AS attribute
                  FROM source.{extract} WHERE {column} <> '{{}}' AND json_valid({column}))
            WHERE attribute NOT LIKE '%"%')
        WHERE json_type(found) NOT IN ('OBJECT', 'ARRAY', 'NULL')"""
