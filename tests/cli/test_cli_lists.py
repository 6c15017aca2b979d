"""`lists`: what was submitted, and its removal by the operator."""

from dataclasses import replace
from datetime import date

import pytest
from cli_world import on

from paperwire.ports.callers import Actor, Community, Place

LAB = Place(channel="telegram", address="-5", kind="group", title="Lab")
ANN = Actor(channel="telegram", user_id="1", name="Ann")


@pytest.fixture
def listed(stocked, database):
    """A shell over a paper on the public list and one on a group's."""

    async def fill(unit):
        person = await unit.people.ensure(ANN, "en")
        await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), person.number)
        lab = await unit.places.ensure(LAB, person.number)
        first, second = [(await unit.papers.get(f"2601.0000{number}")).number for number in (1, 2)]
        for of_list, paper, name in ((0, first, "Ann"), (lab.number, second, "")):
            await unit.lists.submit(of_list, paper, day=date(2026, 1, 6), person=person.number, name=name)
        await unit.lists.vote(0, person.number, first)
        return str(lab.number)

    stocked.lab = on(database, fill)
    return stocked


def papers(said):
    return [(one["paper"], one["votes"], one["name"], one["day"]) for one in said.json]


def test_it_lists_what_was_submitted(listed):
    assert papers(listed("lists", "--json")) == [("2601.00001", 1, "Ann", "2026-01-06")]
    for of_list in ("telegram:-5", listed.lab):
        assert papers(listed("lists", "--list", of_list, "--json")) == [("2601.00002", 0, "", "2026-01-06")]
    assert listed("lists").out.startswith("2026-01-06     1  2601.00001  ")


def test_the_operator_takes_a_paper_off(listed, database):
    assert listed("lists", "--remove", "2601.00001").out == "2601.00001 is off the list\n"
    assert listed("lists").out == "nothing was submitted\n"
    again = listed("lists", "--remove", "2601.00001")
    assert again.code == 1
    assert "isn't on the list public" in again.err

    async def vote_and_submit(unit):
        number = (await unit.papers.get("2601.00001")).number
        person = (await unit.people.person_of(ANN)).number
        return await unit.lists.submit(0, number, day=date(2026, 1, 6), person=person), await unit.lists.vote(
            0, person, number
        )

    assert on(database, vote_and_submit) == ("removed", "removed")


def test_the_list_of_a_group_is_named_by_any_of_its_topics_and_by_the_group(listed, database):
    topic = Place(channel="telegram", address="-9/7", kind="topic", community=Community(kind="group", address="-9"))

    async def fill(unit):
        person, other = await unit.people.person_of(ANN), await unit.people.ensure(replace(ANN, user_id="2"), "en")
        first = await unit.places.ensure(topic, person.number)
        second = await unit.places.ensure(replace(topic, address="-9/8"), other.number)
        paper = (await unit.papers.get("2601.00001")).number
        await unit.lists.submit(second.list, paper, day=date(2026, 1, 6), person=None)
        await unit.people.forget(person.number)  # and with them the first of the topics
        return str(second.number), first.number == second.list

    second, is_of_the_first = on(database, fill)
    assert is_of_the_first
    for of_list in ("telegram:-9", "telegram:-9/8", second):
        assert papers(listed("lists", "--list", of_list, "--json")) == [("2601.00001", 0, "", "2026-01-06")]


@pytest.mark.parametrize("of_list", ["telegram:1", "telegram:-9", "99", "x"])
def test_there_are_lists_of_shared_places_alone(listed, of_list):
    said = listed("lists", "--list", of_list)
    assert (said.code, "there is no list" in said.err) == (1, True)
