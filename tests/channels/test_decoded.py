import pytest

from paperwire.channels._conversation import LONGEST_FILE, decoded, is_readable


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("Müller".encode(), "Müller"),
        (b"\xef\xbb\xbfM", "M"),
        ("Müller".encode("utf-16"), "Müller"),
        ("Müller".encode("cp1252"), "Müller"),
        (b"\xff\xfeM", None),
        (b"\x81\x8d", None),
        (b"PK\x03\x04\0", None),
    ],
)
def test_texts_are_read_as_old_tools_write_them(content, read):
    assert decoded(content) == read


def test_what_is_no_text_or_too_long_is_not_read():
    assert is_readable("Refs.BIB", 10)
    assert is_readable("items.json", LONGEST_FILE)
    assert not is_readable("items.json", LONGEST_FILE + 1)
    assert not is_readable("photo.png", 10)
