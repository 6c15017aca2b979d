"""The quick ways to cut texts and names against the plain ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.paper import Paper
from paperwire.core.query.authors import name_pieces, name_words, readings_of
from paperwire.core.query.prepared import Doc
from paperwire.core.text.words import chunks_of, cut_chunk, pieces, places_of, spans

SIGNS = [*" \t\n.,;:()'\"-_^~$\\{}+#*/?!&%=<>@|`[]’–\x00\x01\x02\x03\x1c", "''", "``", "\u0301", "\u0338", "\u200b"]
LETTERS = [*"aabcsSAB12éγΛ模ﬁ½ßıİſK", "\u3099", "\u0345", "\ufdfa", "\\alpha", "\\'", "\\frac{", "\\emph{", "\\c"]
mixed = st.lists(st.sampled_from(SIGNS + LETTERS), max_size=14).map("".join)


@given(st.one_of(st.text(max_size=12), mixed))
def test_stops_part_as_spaces_do_and_change_nothing_else(text):
    assert places_of(chunks_of(text)) == list(spans(pieces(text)))


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        ("word", [("word", False)]),
        ('"(word)".', [("word", False)]),
        ("a-b-c", [("a", True), ("b", True), ("c", False)]),
        ("a--b", [("a", True), ("b", False)]),
        ("a-b/c", [("a", True), ("b", False), ("c", False)]),
        ("C++", [("C++", False)]),
        ("C#-like", [("C#", True), ("like", False)]),
        ("it's-so", [("it", True), ("so", False)]),
        ("a\x02b-c", [("a", False), ("b", True), ("c", False)]),
        ("a\x03b", [("a", False), ("b", False)]),
        ("", []),
        ("--", []),
    ],
)
def test_cut(chunk, words):
    assert [(exact, joint) for exact, joint, _ in cut_chunk(chunk)] == words


NAMES = [
    "Kai",
    "K.",
    "He",
    "Jr",
    "Jr.",
    "II",
    "iv",
    "A.B.",
    "O'Neil",
    "Pin-Yu",
    "Müller",
    ",",
    ".",
    "3",
    "s",
    "\t",
    "\\'e",
]


@given(st.lists(st.sampled_from(NAMES), max_size=8), st.sampled_from(["", " "]))
def test_words_of_simple_names_are_those_of_all_names(parts, between):
    name = between.join(parts)
    words, ends = name_words(name)
    at = spans(name_pieces(name))
    assert words == [span.plain for here in at for span in here]
    ways = readings_of(name_pieces(name))
    told = {reading[-1].plain for reading in ways if reading}
    assert told <= set(ends)
    assert len(ways) > 63 or told == set(ends)  # of names with very many joints not all readings are made


def test_names_of_very_many_words():
    name = " ".join(map(str, range(40)))
    assert name_words(name) == (list(map(str, range(20, 40))), ["39"])


@pytest.mark.parametrize(
    ("text", "names_one"),
    [
        ("see GitHub.com/a", True),
        ("GITLAB.COM/x", True),
        ("codeberg.org/x and bitbucket.org/1", True),
        ("github.com/", False),
        ("notgithub.com/a", False),
        ("hub.com/a", False),
        ("ſgithub.com/a", True),
        ("nothing", False),
    ],
)
def test_repositories(text, names_one):
    assert Doc.of(Paper(id="x", title="", abstract=text)).has_code is names_one
    assert Doc.of(Paper(id="x", title="", comment=text)).has_code is names_one
    assert not Doc.of(Paper(id="x", title=text)).has_code
