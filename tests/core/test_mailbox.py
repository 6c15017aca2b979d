"""Which addresses are one mailbox."""

import pytest

from paperwire.core.mailbox import mailbox_of


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann@Example.org", "ann@example.org"),
        ("ann+papers@example.org", "ann@example.org"),
        ("ann+a+b@example.org", "ann@example.org"),
        ("a.nn@example.org", "a.nn@example.org"),
        ("a.n.n+papers@gmail.com", "ann@gmail.com"),
        ("a.nn@googlemail.com", "ann@gmail.com"),
        ("a.nn@gmail.com.example.org", "a.nn@gmail.com.example.org"),
        ("+ann@example.org", "+ann@example.org"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_tags_and_the_dots_of_gmail_make_no_other_mailbox(address, mailbox):
    assert mailbox_of(address) == mailbox
