"""Occasions and health as values: what each is called, and that nothing changes them."""

from dataclasses import FrozenInstanceError

import pytest

from paperwire.core.health import ChannelHealth, Health, SourceHealth
from paperwire.core.papers.paper import ARRIVAL, Occasion


@pytest.mark.parametrize(
    ("occasion", "kind", "text"),
    [
        (ARRIVAL, "arrival", "arrival"),
        (Occasion.version(2), "version", "v2"),
        (Occasion.version(20_000), "version", "v9999"),
        (Occasion.upvotes(50), "upvotes", "upvotes>=50"),
        (Occasion.upvotes(1), "upvotes", "upvotes>=1"),
        (Occasion.upvotes(99_999), "upvotes", "upvotes>=22000"),
        (Occasion(-1), "withdrawn", "withdrawn"),
        (Occasion(-2), "published", "published"),
        (Occasion(-3), "code", "code"),
    ],
)
def test_what_an_occasion_is_called(occasion, kind, text):
    assert (occasion.kind, str(occasion)) == (kind, text)


def test_a_service_that_holds_nothing_yet():
    health = Health(sources=(SourceHealth(name="arxiv"),), channels=(ChannelHealth(kind="email", state="ready"),))
    assert not health.sources[0].first_done
    assert (health.papers, health.owed, health.held_since, health.troubles) == (0, 0, None, ())
    with pytest.raises(FrozenInstanceError):
        health.papers = 3
