"""What a mail with papers is called."""

import pytest

from paperwire.core.messages.digests import subject_line
from paperwire.texts import ENGLISH

TITLE = "First title of the list"


@pytest.mark.parametrize(
    ("topic", "options", "subject"),
    [
        ("graph neural", {"count": 8}, f"graph neural: {TITLE}, and 7 more"),
        ('"graph neural" cat:cs.LG', {"count": 2}, f"graph neural cat:cs.LG: {TITLE}, and 1 more"),
        ("", {"count": 1234}, f"{TITLE}, and 1,233 more"),
        ("a\r\nBcc: b", {"count": 2}, f"a Bcc: b: {TITLE}, and 1 more"),
        ("graph", {"count": 120, "part": 2, "parts": 3}, f"graph: {TITLE}, and 119 more (2/3)"),
        ("graph", {"count": 1}, TITLE),
    ],
    ids=["name", "query", "nothing", "lines", "parts", "single"],
)
def test_a_list_is_called_by_its_topic_and_its_first_title(topic, options, subject):
    assert subject_line(topic, TITLE, ENGLISH, **options) == subject


def test_no_part_pushes_the_count_out_of_a_header():
    subject = subject_line("t" * 500, "字" * 500, ENGLISH, count=99_999, part=1000, parts=2000)
    assert subject.endswith("字…, and 99,998 more (1,000/2,000)")
    assert len(subject) <= 150
