"""Parameter files made to break the reader: each is told in a line, soon, and without much memory."""

import os
import threading
import time

import pytest
from hypothesis import given, strategies as st

from reportlib.errors import InvalidParameters
from reportlib.publishing.weekly.edition import read_edition
from reportlib.yaml_files import LARGEST, read_yaml

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)
HARD = {
    "campaign: &a [*a]": "nested more than 20 deep",
    "campaign: &a {b: *a}": "nested more than 20 deep",
    "a: &a\n  b: &b\n    c: *a": "nested more than 20 deep",
    LAUGHS: "has more than 20,000 values",
    f"campaign: {'[' * 3000}{']' * 3000}": "nested more than 20 deep",
    f"campaign: {'{a: ' * 3000}1{'}' * 3000}": "nested more than 20 deep",
    "- " * 3000 + "x": "nested more than 20 deep",
    "[a, b]: c": "the name of a parameter is expected",
    "{a: b}: c": "the name of a parameter is expected",
    "? [a]\n: b": "the name of a parameter is expected",
    "1: c": "the name of a parameter is expected, not '1'",
    "null: c": "the name of a parameter is expected",
    "~: c": "the name of a parameter is expected",
    "yes: c": "the name of a parameter is expected, not 'yes'",
    "1.5: c": "the name of a parameter is expected",
    "mail: {1: c}": "line 1, column 8",
    '"a\\0b": c': "the name of a parameter is expected",
    "!!binary YQ==: c": "the name of a parameter is expected",
    "a: !!binary YQ==": "is marked !!binary",
    "a: !!set {b, c}": "is marked !!set",
    "a: !!timestamp xyz": "is marked !!timestamp",
    "a: !!python/object:os.system x": "is marked !!python/object:os.system",
    "a: !odd x": "is marked !odd",
    "a: [1, 2": "is not YAML",
    "a: *nobody": "is not YAML",
    "<<: 7": "is not YAML",
    "a: b\n---\nc: d": "is not YAML",
    "a\0b": "is not YAML",
    "%YAML 9.9\n---\na: b": "is not YAML",
    "x" * (LARGEST + 1): "is larger than 1,000,000 bytes",
}
VALUES = {
    "!!int abc": "YAML cannot read 'abc' as int",
    "!!bool abc": "YAML cannot read 'abc' as bool",
    "!!float abc": "YAML cannot read 'abc' as float",
    "0x_": "YAML cannot read '0x_' as int",
    "0b_": "YAML cannot read '0b_' as int",
    "9" * 5000: "as int: put it in quotes",
    '"a\\0b"': "holds the character U+0000",
    '"\\ud800"': "holds the character U+D800",
    '"\\e[2J"': "holds the character U+001B",
    "[b, !!int c]": "YAML cannot read 'c' as int",
    "{b: {c: !!int d}}": "YAML cannot read 'd' as int",
    "[[007]]": "YAML reads 007 as 7",
}


@pytest.fixture
def read(tmp_path):
    def reading(text):
        (tmp_path / "x.yaml").write_text(text)
        return read_yaml(tmp_path / "x.yaml")

    return reading


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_what_is_no_file_of_parameters_is_told_at_once(read, text):
    began = time.process_time()
    with pytest.raises(InvalidParameters) as raised:
        read(text)
    assert HARD[text] in str(raised.value)
    assert len(str(raised.value)) < 300
    assert time.process_time() - began < 30  # some took minutes


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_that_cannot_be_read_is_told_with_its_name(read, value):
    _, ((name, why),) = read(f"mail:\n  sender: {value}\n")
    assert name == ("mail.sender.b.c" if "{" in value else "mail.sender")
    assert VALUES[value] in why


def test_anchors_that_save_writing_are_taken(read):
    assert read("a: &team [x, y]\nb: *team\nc: &d {e: 1}\nf: {<<: *d, g: 2}")[0] == {
        "a": ["x", "y"],
        "b": ["x", "y"],
        "c": {"e": 1},
        "f": {"e": 1, "g": 2},
    }


def test_files_that_are_none(tmp_path):
    endless = tmp_path / "endless.yaml"
    endless.symlink_to("/dev/zero")
    said = {"none.yaml": "No such file", "": "Is a directory", "endless.yaml": "larger", "a\0": "null"}
    for name, why in said.items():
        with pytest.raises(InvalidParameters, match=why):
            read_yaml(tmp_path / name)


def test_a_pipe_is_read_as_a_shell_hands_it_over(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    threading.Thread(target=(tmp_path / "pipe.yaml").write_text, args=("campaign: a",)).start()
    assert read_yaml(tmp_path / "pipe.yaml") == ({"campaign": "a"}, [])


@pytest.mark.parametrize("limit", ["1e30", "1.0e+30", "1" + "0" * 30, ".inf", ".nan", "-1", "0", "9", "!!int x", "yes"])
def test_a_time_limit_that_is_none(tmp_path, limit):
    (tmp_path / "weekly.yaml").write_text(f"time_limit_s: {limit}")
    with pytest.raises(InvalidParameters, match="time_limit_s"):
        read_edition(tmp_path / "weekly.yaml")


WORDS = st.sampled_from([*"{}[]:,-?|>&*!%@`'\"#~\n \t\0", "a", "mail", "&a", "*a", "<<", "!!int", "!!set", "0x", "1_0"])


@given(st.lists(WORDS, max_size=40).map("".join))
def test_whatever_stands_in_a_file_it_is_read_or_told(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text)
    try:
        read_yaml(file)
    except InvalidParameters as error:
        assert str(error)
