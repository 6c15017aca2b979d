"""When a place last heard a message, which keeps the rest of a burst quiet."""

from datetime import timedelta
from types import SimpleNamespace

from paperwire.core.messages.bundles import Bundle
from paperwire.pipeline.sounds import Sounds


def due(at):
    return Bundle("single", (SimpleNamespace(due_at=at),))


def test_what_was_due_when_a_place_heard_a_message_makes_no_other_sound(clock):
    sounds, burst = Sounds(), due(clock())
    assert not sounds.covering(burst, 1, clock())
    clock.advance(seconds=1)
    sounds.heard(1, clock())
    assert sounds.covering(burst, 1, clock())
    assert not sounds.covering(burst, 2, clock())
    assert not sounds.covering(due(clock() + timedelta(seconds=1)), 1, clock())
    assert not sounds.covering(Bundle("single", ()), 1, clock())


def test_places_are_forgotten_a_day_after_their_last_sound(clock):
    sounds, burst = Sounds(), due(clock())
    for place in (1, 2, 3):
        sounds.heard(place, clock())
    clock.advance(hours=23)
    sounds.heard(1, clock())
    clock.advance(hours=2)
    sounds.heard(4, clock())
    assert [place for place in (1, 2, 3, 4) if sounds.covering(burst, place, clock())] == [1, 4]


def test_a_sound_of_a_clock_that_was_ahead_is_forgotten(clock):
    sounds, burst = Sounds(), due(clock())
    sounds.heard(1, clock() + timedelta(days=400))
    sounds.heard(2, clock())
    assert not sounds.covering(burst, 1, clock() + timedelta(days=401))
    assert sounds.covering(burst, 2, clock())
