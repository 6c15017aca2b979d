"""Places as values."""

import pytest

from paperwire.core.subscriptions.subscription import StoredPlace


@pytest.mark.parametrize(
    ("kind", "shared", "listed"),
    [
        *((kind, True, True) for kind in ("group", "channel", "topic", "thread")),
        *((kind, False, False) for kind in ("private", "mailbox", "address")),
        ("terminal", False, True),
    ],
)
def test_a_place_is_shared_where_more_than_one_person_reads_and_a_terminal_has_a_list_too(kind, shared, listed):
    words = dict.fromkeys(("channel", "address", "title", "cadence", "zone", "quiet", "style", "paused"), "")
    place = StoredPlace(number=1, owner=1, kind=kind, **words)
    assert (place.is_shared, place.has_list) == (shared, listed)
