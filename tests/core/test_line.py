"""Text from outside as one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.text.clean import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("  a\n\tb  ", "a b"),
        ("a\u00a0b\u2028c", "a b c"),
        ("a\0b", "ab"),
        ("a \0 b", "a b"),
        ("x\ud800y\udfff", "xy"),
        ("Ørsted 😀", "Ørsted 😀"),
        ("a" * 60_000, "a" * 50_000),
    ],
)
def test_one_line(text, line):
    assert one_line(text) == line


@given(st.text(st.characters(categories=["Cs", "Cc", "Zs", "L"]), max_size=50))
def test_a_line_is_storable_and_stays_itself(text):
    line = one_line(text)
    assert one_line(line) == line
    assert line.encode("utf-8").decode() == line
    assert "\0" not in line
    assert "\n" not in line
