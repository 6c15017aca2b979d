"""Why nothing is sent to a place, in words."""

import pytest

from paperwire.core.messages.closed import pause_reason, paused_by, remedy
from paperwire.errors import CloseReason
from paperwire.texts import ENGLISH


@pytest.mark.parametrize("why", CloseReason)
def test_each_kind_says_what_is_wrong_and_what_to_do(why):
    reason = pause_reason(str(why), ENGLISH)
    assert reason
    assert not reason.endswith(".")
    assert remedy(str(why), ENGLISH).endswith(".")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (paused_by("Ann"), "paused by Ann"),
        (paused_by(""), "paused on request"),
        ("something\nof a newer version", "something of a newer version"),
    ],
)
def test_who_paused_is_named_and_what_is_not_known_stands_as_it_is(stored, shown):
    assert pause_reason(stored, ENGLISH) == shown
    assert not remedy(stored, ENGLISH)
