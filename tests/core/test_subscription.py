"""Places as values."""

import pytest

from paperwire.core.subscriptions.subscription import StoredPlace


@pytest.mark.parametrize(
    ("kind", "shared"),
    [
        *((kind, True) for kind in ("group", "channel", "topic", "thread")),
        *((kind, False) for kind in ("private", "mailbox", "address", "terminal")),
    ],
)
def test_a_place_is_shared_where_more_than_one_person_reads(kind, shared):
    words = dict.fromkeys(("channel", "address", "title", "cadence", "zone", "quiet", "style", "paused"), "")
    assert StoredPlace(number=1, owner=1, kind=kind, **words).is_shared is shared
