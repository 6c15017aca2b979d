"""Feed tokens, their hashes, and signed values that expire."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.tokens import (
    feed_token,
    number_token,
    place_token,
    read_number_token,
    read_place_token,
    read_text_token,
    signed,
    text_token,
    token_hash,
    unsign,
)

SECRET = b"s" * 32
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_feed_token_is_the_documented_hmac():
    assert feed_token(SECRET, 7, 1) == "gEeq5P1yEmpTxFYVnM4_UKybHQfOHEfWzf7LQFOkCoo"


@pytest.mark.parametrize("other", [(b"t" * 32, 7, 1), (SECRET, 8, 1), (SECRET, 7, 2), (SECRET, 71, 1)])
def test_another_secret_feed_or_generation_has_another_token(other):
    assert feed_token(SECRET, 7, 1) != feed_token(*other)


def test_a_token_fits_in_an_address_and_its_hash_does_not_show_it():
    token = feed_token(SECRET, 2**40, 9)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(token_hash("\ud800 any text")) == 64


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200), st.text(max_size=20))
def test_what_is_signed_is_read_back_until_its_time(value, purpose):
    purpose = purpose.encode("utf-8", "replace").decode()
    text = signed(SECRET, purpose, value, NOW + timedelta(minutes=10))
    if len(text) > 1024:
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert unsign(SECRET, purpose, text, NOW) == value
    assert unsign(SECRET, purpose, text, NOW + timedelta(minutes=10)) is None
    assert unsign(SECRET, purpose + "x", text, NOW) is None
    assert unsign(b"other", purpose, text, NOW) is None


def test_a_short_value_fits_in_telegrams_start_parameter():
    assert len(signed(SECRET, "link", "1234567890", NOW)) <= 64


@given(st.text(max_size=1200) | st.text(alphabet="abcXYZ012-_=", max_size=80))
def test_forged_text_is_refused(text):
    assert unsign(SECRET, "link", text, NOW) is None


def test_any_changed_letter_is_refused():
    text = signed(SECRET, "link", "42", NOW + timedelta(days=1))
    for place in range(len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert unsign(SECRET, "link", changed, NOW) is None


def test_a_signed_value_is_good_for_its_purpose_until_its_time():
    text = signed(SECRET, "link", "42", NOW + timedelta(days=1))
    assert unsign(SECRET, "link", text, NOW) == "42"
    assert unsign(SECRET, "link", text, NOW + timedelta(days=1)) is None
    assert unsign(SECRET, "other", text, NOW) is None


@pytest.mark.parametrize("text", ["", "ünsigned", "a b", "abcde", "A" * 1025])
def test_what_was_never_signed_is_refused(text):
    assert unsign(SECRET, "link", text, NOW) is None


def test_a_number_has_a_name_that_nobody_else_can_make():
    name = number_token(SECRET, "place", 31)
    assert re.fullmatch(r"1f-[a-z2-7]{24}", name)
    assert read_number_token(SECRET, "place", name) == 31
    assert read_number_token(SECRET, "place", name.upper()) == 31  # mail servers may change case
    for other in (name[:-1], f"0{name}", f"20{name[2:]}", "é", "", f"{'f' * 16}{name[2:]}"):
        assert read_number_token(SECRET, "place", other) is None
    assert read_number_token(SECRET, "opt-in", name) is None
    assert read_number_token(b"t" * 32, "place", name) is None
    assert read_number_token(SECRET, "place", number_token(SECRET, "place", 2**59)) == 2**59


def test_the_address_of_a_digest_names_its_place_and_slot_to_us_alone():
    token = place_token(b"secret", "digest", 12, "2026-01-05T08:00")
    assert read_place_token(b"secret", "digest", token) == (12, "2026-01-05T08:00")
    assert read_place_token(b"other", "digest", token) is None
    assert read_place_token(b"secret", "digest", f"{token}A") is None
    assert (
        read_place_token(b"secret", "digest", signed(b"secret", "sign-in", "1", datetime(2030, 1, 1, tzinfo=UTC)))
        is None
    )


@pytest.mark.parametrize(("text", "length"), [("", 22), ("diffusion", 34), ("ü" * 16, 64)])
def test_a_text_is_read_back_by_whoever_wrote_it_down(text, length):
    token = text_token(b"secret", "start", text)
    assert (len(token), read_text_token(b"secret", "start", token)) == (length, text)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
    for secret, purpose, other in (
        (b"other", "start", token),
        (b"secret", "stop", token),
        (b"secret", "start", "A" + token),
    ):
        assert read_text_token(secret, purpose, other) is None
