"""CSV that spreadsheets show and do not run."""

import csv

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from reportlib.errors import OutputError
from reportlib.publishing.export.summary import write_csv

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    "  =1",
    '"=1',
    "'=1",
    "\uff1d1",
    "\u200b=1",
    "\ufeff=1",
    "\xad@x",
]


def written(frame, folder):
    with write_csv(frame, folder / "out.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_would_run_gets_an_apostrophe(text, tmp_path):
    assert written(pd.DataFrame({"name": [text]}), tmp_path)[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["Promoção 🌸", "a=b", "1-2", 'say "hi"', "two\nlines", "comma, here"])
def test_other_texts_stay_as_they_are(text, tmp_path):
    assert written(pd.DataFrame({"name": [text]}), tmp_path)[1] == [text]


def test_numbers_stay_numbers_and_missing_ones_are_empty(tmp_path):
    frame = pd.DataFrame(
        {"n": pd.array([-5, pd.NA], dtype="Int64"), "x": [-0.5, None], "o": pd.Series([-5, None], dtype=object)}
    )
    assert written(frame, tmp_path)[1:] == [["-5", "-0.5", "-5"], ["", "", ""]]


@given(
    st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1), min_size=1)
)
def test_every_text_comes_back_but_for_its_apostrophe(tmp_path_factory, texts):
    back = [row[0] for row in written(pd.DataFrame({"name": texts}), tmp_path_factory.mktemp("csv"))[1:]]
    one_kind_of_line_break = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    assert all(got in (text, f"'{text}") for text, got in zip(one_kind_of_line_break, back, strict=True))


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_csv(pd.DataFrame({"a": [1]}), tmp_path / "file" / "out.csv")
