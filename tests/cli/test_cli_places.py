"""`places`: what it lists, and what it opens again."""

import pytest
from cli_world import on

from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place

PLACES = (
    ("telegram", "71", "blocked"),
    ("email", "bob@example.org", "refused"),
    ("email", "cy@example.org", "refused"),
)
STAY = (
    ("email", "dee@example.org", "asked:Dee"),
    ("email", "eve@example.org", "not allowed"),
    ("email", "fay@example.org", "unsubscribed"),
)


@pytest.fixture
def closed(stocked, database):
    """A shell over places of which four are closed, one is paused by its reader and one was left."""

    async def fill(unit):
        for channel, address, why in (*PLACES, *STAY):
            person = await unit.people.ensure(Actor(channel=channel, user_id=address), "en")
            where = Place(channel=channel, address=address, kind="private")
            place = await unit.places.ensure(where, person.number)
            if why != "unsubscribed":
                await unit.subscriptions.subscribe(
                    person.number,
                    parse("diffusion").of(person.number),
                    name="",
                    occasions=frozenset({"arrival"}),
                    cadence="",
                    destinations=[place.number],
                )
            await unit.places.pause(place.number, why)

    on(database, fill)
    return stocked


def states(shell):
    return {row["address"]: row["state"] for row in shell("places", "--json").json}


def test_it_lists_closed_places_first_and_why(closed):
    rows = closed("places", "--json").json
    assert {row["address"] for row in rows[:6]} == {address for _, address, _ in (*PLACES, *STAY)}
    assert states(closed)["bob@example.org"] == "closed: refused"
    assert states(closed)["dee@example.org"] == "paused"
    assert "email  bob@example.org  closed: refused  0" in closed("places").out


def test_it_opens_a_channel_again_but_not_what_people_paused_or_who_may_not_use_it(closed):
    assert len(closed("places", "--reopen", "email", "--json").json["reopened"]) == 2
    found = states(closed)
    assert [found[address] for _, address, _ in (*PLACES, *STAY)] == [
        "closed: blocked", "open", "open", "paused", "closed: not allowed", "paused",
    ]  # fmt: skip
    assert "0 places are open again" in closed("places", "--reopen", "email").out


def test_it_opens_nothing_of_who_may_not_use_this_instance_whatever_closed_it(closed):
    closed.env(people__allowed='["email:cy@example.org"]')
    assert "1 place is open again" in closed("places", "--reopen", "email").out
    found = states(closed)
    assert (found["bob@example.org"], found["cy@example.org"]) == ("closed: refused", "open")
    closed.env(people__allowed="[]")
    assert "1 place is open again" in closed("places", "--reopen", "email").out


@pytest.mark.parametrize("which", ["bob@example.org", "email:bob@example.org"])
def test_it_opens_one_address_again(closed, which):
    assert "1 place is open again" in closed("places", "--reopen", which).out
    found = states(closed)
    assert (found["bob@example.org"], found["cy@example.org"]) == ("open", "closed: refused")


def test_it_says_what_is_no_place(closed):
    said = closed("places", "--reopen", "nemo")
    assert said.code == 1
    assert "no place is called 'nemo'" in said.err
