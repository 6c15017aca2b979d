"""`au:` against trying every assignment of words to words."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.query.authors import is_author, name_pieces, name_words, readings, readings_of, simple_words

letters = st.sampled_from(["k", "kai", "kaiming", "h", "he", "sun", "s"])
name = st.lists(letters, min_size=1, max_size=4)


def naive(wanted, have):
    def full(one, other):
        return one == other

    def meets(one, other):
        return one == other or (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other))

    for places in permutations(range(len(have)), len(wanted)):
        pairs = [(word, have[place]) for word, place in zip(wanted, places, strict=True)]
        if all(full(*pair) for pair in pairs):
            return True
        met = dict(zip(places, wanted, strict=True))
        last = len(have) - 1
        if all(meets(*pair) for pair in pairs) and 0 in met and last in met and met[last] == have[last]:
            return True
    return False


@given(name, name)
def test_agrees_with_trying_every_assignment(wanted, have):
    assert is_author(readings(" ".join(wanted)), " ".join(have)) is naive(wanted, have)


def test_hostile_names_end():
    many = " ".join(["a"] * 500)
    assert not is_author(readings(many + " b"), many)
    assert is_author(readings("a " * 20), many)
    assert len(readings_of(name_pieces("-".join(["a"] * 60)))) < 200


def test_words_of_a_name():
    assert set(name_words("Chen, Pin-Yu, Jr.")[0]) == {"pin", "yu", "pinyu", "chen"}
    assert [piece.plain for piece in name_pieces("Jr")] == ["jr"]
    assert name_pieces(" , ") == ()


def test_what_ends_a_name_and_is_no_part_of_it():
    for name in ("Ada Lovelace Jr.", "Ada Lovelace III", "Ada Lovelace jr sr"):
        assert simple_words(name) == ["ada", "lovelace"]
    assert simple_words("Jr") == ["jr"]  # who has no other name


def test_an_initial_gives_way_to_the_name_it_could_stand_for():
    assert is_author(readings("k kaiming he"), "Kaiming Kx He")
