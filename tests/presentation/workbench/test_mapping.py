"""Controls for the columns of a table: what is proposed, what a choice changes, what is written."""

import pytest
import yaml

from reportlib import map_columns
from reportlib.errors import InvalidData
from reportlib.presentation.workbench.mapping import NOT_READ, MappingControls
from reportlib.warehouse.callbacks.message_table.mapping import read_mapping
from tests.warehouse.callbacks.tables.unknown_tables import TABLES, written


@pytest.mark.parametrize("name", ["a German gateway, semicolons, a preamble", "a row per event, epochs"])
def test_what_is_proposed_is_chosen(tmp_path, name):
    controls, (_, _, parts, _) = MappingControls(written(tmp_path, name)), TABLES[name]
    for part, lines in parts.items():
        assert {key: controls.parts[part].get(key) for key in lines} == lines, part


def test_a_choice_changes_what_comes_in_and_is_written(tmp_path):
    controls = MappingControls(written(tmp_path, "a German gateway, semicolons, a preamble"))
    assert "Of 3 rows 3 come in" in controls._told.value
    controls._words["Gesendet"].value = NOT_READ
    assert "Of 3 rows 2 come in, 1 do not, because" in controls._told.value
    assert "&#x27;Gesendet&#x27; is no status" in controls._told.value
    assert "bericht.csv line 7" in controls._told.value
    controls._words["Gesendet"].value = "queued"
    controls._columns["Kosten"].value = NOT_READ
    controls._write()
    assert "reportlib import" in controls._told.value
    assert yaml.safe_load((tmp_path / "bericht.yaml").read_text())["statuses"]["Gesendet"] == "queued"
    assert "cost" not in read_mapping(str(tmp_path / "bericht.yaml")).columns
    controls._write()
    assert "It was not written" in controls._told.value  # over another


def test_names_of_columns_are_no_html(tmp_path):
    (tmp_path / "table.csv").write_text("Phone,Status\n+4915112345001,<b onclick=x>bewitched\n+4915112345002,failed\n")
    controls = MappingControls(tmp_path / "table.csv")
    assert "<b onclick" not in controls._told.value
    assert "&lt;b onclick=x&gt;bewitched" in controls._told.value


def test_a_file_without_a_table_is_a_clear_error(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InvalidData, match="holds no table"):
        map_columns(tmp_path / "empty.csv")
