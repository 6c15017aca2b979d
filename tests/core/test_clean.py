"""Hostile text: what is shown is short, visible, in order, and never an error."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.text.clean import clean, cut, safe_url

HOSTILE = st.text(
    alphabet=st.characters()
    | st.sampled_from("\u202e\u2066\u200b\u200d\ufeff\x00\r\n\u2028\u0301\u0489\ud800\U000e0041\U0001f3fb a<&"),
    max_size=300,
)


@given(HOSTILE, st.integers(0, 80))
def test_hostile_text_is_one_short_visible_line(text, limit):
    line = clean(text, limit)
    assert len(line) <= limit
    line.encode()  # no lone surrogate
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in line)
    assert not any(letter in "\u200b\u200e\u200f" or "\u202a" <= letter <= "\u202e" for letter in line)
    assert "  " not in line
    assert line == line.strip(" ")
    assert clean(line, limit) == line


@given(HOSTILE)
def test_no_base_carries_more_than_four_marks(text):
    marks = 0
    for letter in clean("a" + text + "\u0301" * 9, 1000):
        marks = marks + 1 if unicodedata.category(letter)[0] == "M" else 0
        assert marks <= 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A\u202eB\u2066C\u200bD\ufeffE\u2060F\U000e0041G", "ABCDEFG"),
        ("  two\n\tlines\u2028and\u00a0more\x85 ", "two lines and more"),
        ("a" + "\u0301" * 1000 + "b", "a" + "\u0301" * 4 + "b"),
        ("soft\u00adhyphen nul\x00 del\x7f", "softhyphen nul del"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("नमस्ते 漢字 ø 👍🏽", "नमस्ते 漢字 ø 👍🏽"),
        ("A <sub>2</sub> & B", "A <sub>2</sub> & B"),
        # joiners: a family, a flag, a heart on fire; Persian and Indic words; and where they only hide
        (
            "👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 👩🏽\u200d🔬",
            "👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 👩🏽\u200d🔬",
        ),
        ("می\u200cخواهم क\u094d\u200dष র\u200d\u09cdয", "می\u200cخواهم क\u094d\u200dष র\u200d\u09cdয"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("pass\u200dword \u200da\u200c \u200d", "password a"),
        ("👩\u200cx 👩\u200c👧 x\u200d👧 م\u200dx", "👩x 👩👧 x👧 مx"),
    ],
)
def test_what_goes_and_what_stays(text, line):
    assert clean(text, 100) == line


def test_a_long_text_is_cut_at_a_space_where_one_is_near():
    assert clean("one two three four", 14) == "one two three…"
    assert clean("one two three four", 13) == "one two thre…"
    assert clean("x" * 50, 10) == "x" * 9 + "…"


def test_a_cut_takes_no_mark_off_its_base_and_no_colour_off_a_hand():
    assert cut("abc" + "e\u0301" * 5, 5) == "abc…"
    assert cut("abc👍🏽d", 5) == "abc…"
    assert cut("\u0301" * 9, 5) == "…"
    assert cut("ab👩\u200d👧cd", 4) == "ab…"
    assert cut("ab👩\u200d👧cd", 5) == "ab…"
    assert cut("ab👩\u200d👧cd", 6) == "ab👩\u200d👧…"
    assert cut("anything", 0) == ""
    assert cut("anything", 1) == "…"


def test_text_hidden_after_a_megabyte_of_nothing_is_marked_as_cut():
    assert clean("a" + "\u200b" * 1_000_000 + "b", 20) == "a…"


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/hep-th/9901001",
        "http://[::1]:8000/a?b=c#d",
        "https://x.org/%22",
        "https://x.org",
        "http://localhost:8000?a=b?c/d",
        "https://a-b.c_d.org./(x)/~y;v=1,2/@z:!$&'*+,;=#a?b",
    ],
)
def test_plain_addresses_pass(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "tg://user?id=1",
        "/relative",
        'https://x.org/"onclick=',
        "https://x.org/<b>",
        "https://x.org/a b",
        "https://x.org/\u202e",
        "https://х.org",  # a Cyrillic letter
        "https://?x",
        "https://[::1",
        "https://x.org/" + "a" * 2048,
        "ftp://x.org/",
        "https://github.com/a/b](https://github.com/a/b",
        "https://x.org/[a]",
        "https://x.org/?a[]=b",
        "https://x.org/100%",
        "https://x.org/%zz",
        "https://x.org/a|b",
        "https://x.org/a^b`c",
        "https://x.org/{a}",
        "https://x.org/a\\b",
        "https://x.org/a#b#c",
        "https://user@x.org/",
        "https://github.com@evil.example/",
        "https://x.org:99999/",
        "https://x.org:0/",
        "https://x.org:a/",
        "https://-x.org/",
        "https://.org/",
        "https://x..org",
        "https://[1.2.3.4]/",
        "https:///x",
        "HTTPS://x.org/\n",
    ],
)
def test_addresses_that_could_mislead_or_break_out_do_not(url):
    assert safe_url(url) == ""


@pytest.mark.parametrize("limit", range(12, 40))
def test_no_address_is_cut_after_other_words(limit):
    line = "The code is at https://example.org/code and runs"
    shown = cut(line, limit)
    assert len(shown) <= limit
    assert "https" not in shown or "https://example.org/code" in shown
