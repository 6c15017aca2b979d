"""The page of a digest: all its papers, for whoever has its address."""

from dataclasses import replace

import pytest

from paperwire.core.messages.digests import Digest
from paperwire.core.tokens import place_token
from paperwire.ports.callers import Actor, Place

SECRET = b"secret"


@pytest.fixture
def deps(deps):
    return replace(deps, context=replace(deps.context, secret_key=SECRET))


async def digest(site_data):
    """A digest as delivery leaves it; the number of its place."""
    async with site_data.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        place = Place(channel="telegram", address="1", kind="private")
        there = await unit.places.ensure(place, person.number, zone="Europe/Berlin")
        now = site_data.clock()
        await unit.digests.add(
            {there.number: Digest(slot="2026-01-05T09:00", due_at=now, papers=1, parts=1)}, closed=True
        )
    return there.number


async def test_a_digest_is_shown_to_whoever_has_its_address(web, site_data):
    place = await digest(site_data)
    answer = await web.get(f"/digests/{place_token(SECRET, 'digest', place, '2026-01-05T09:00')}")
    assert answer.status_code == 200
    assert "Digest of 5 Jan 2026, 08:59 (Europe/Berlin)" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("token", ["x", "A" * 60, place_token(b"other", "digest", 1, "2026-01-05T09:00")])
async def test_a_forged_address_is_not_there(web, site_data, token):
    await digest(site_data)
    assert (await web.get(f"/digests/{token}")).status_code == 404


async def test_a_digest_that_is_forgotten_is_not_there(web, site_data):
    place = await digest(site_data)
    for number, slot in ((place, "2026-01-06T09:00"), (place + 1, "2026-01-05T09:00")):
        assert (await web.get(f"/digests/{place_token(SECRET, 'digest', number, slot)}")).status_code == 404
