"""`outbox`: what it lists, and what it sends again or drops."""

import pytest
from cli_world import on
from sqlalchemy import insert, select, update

from paperwire.cli import outbox
from paperwire.ports.callers import Place
from paperwire.store.database.tables.base import Row, State
from paperwire.store.database.tables.deliveries import DeliveryRow, FailureRow

PLACE = Place(channel="telegram", address="7", kind="private")
REASON = "Telegram: Bad Request: message is too long"


@pytest.fixture
def box(stocked, ada, database):
    """A shell over an outbox: of three papers one is owed, one was given up and one may have arrived."""
    assert ada

    async def fill(unit):
        place = await unit.places.at(PLACE)
        for number, state in enumerate((State.OWED, State.GIVEN_UP, State.UNKNOWN), 1):
            paper = await unit.papers.get(f"2601.0000{number}")
            key = {"destination": place.number, "paper": paper.number, "occasion": 0}
            about = {"state": int(state), "attempts": 8 if state is State.GIVEN_UP else 0, "due_at": unit.now}
            settled = None if state is State.OWED else unit.now
            await unit.connection.execute(insert(DeliveryRow).values(**key, **about, settled_at=settled))
            if state is not State.OWED:
                why = {
                    "first_at": unit.now,
                    "last_at": unit.now,
                    "unknowns": 3 if state is State.UNKNOWN else 0,
                }
                await unit.connection.execute(insert(FailureRow).values(**key, **why, reason=REASON))

    on(database, fill)
    return stocked


@pytest.fixture
def states(database):
    """The state of each paper's delivery."""

    async def read(unit):
        paper, delivery = Row.metadata.tables["paper"], Row.metadata.tables["delivery"]
        wanted = select(paper.c.id, delivery.c.state).join_from(delivery, paper, paper.c.number == delivery.c.paper)
        return {name[-1]: State(state) for name, state in await unit.connection.execute(wanted)}

    return lambda: on(database, read)


def test_it_lists_what_is_owed_given_up_and_perhaps_arrived(box):
    found = box("outbox", "--json").json
    assert (found["owed"], found["given_up"], found["unknown"], found["held_since"]) == (1, 1, 1, None)
    (owed,) = found["owed_places"]
    assert (owed["channel"], owed["place"], owed["papers"]) == ("telegram", "Ada", 1)
    (given_up,) = found["given_up_deliveries"]
    assert (given_up["channel"], given_up["place"], given_up["number"]) == ("telegram", "Ada", owed["number"])
    assert (given_up["paper"], given_up["occasion"]) == ("2601.00002", "arrival")
    assert (given_up["attempts"], given_up["unanswered"], given_up["reason"]) == (8, 0, REASON)
    assert given_up["given_up_at"].startswith("2026-01-06T12:00:00")
    (unknown,) = found["unknown_deliveries"]
    assert (unknown["paper"], unknown["unanswered"]) == ("2601.00003", 3)
    said = box("outbox").out
    assert "    owed  1" in said
    assert "given up  1" in said
    assert "may have arrived\n" in said
    place = owed["number"]
    row = f"telegram Ada {place} 2601.00002 arrival 8 0 2026-01-06 12:00 UTC {REASON}"
    assert row in [" ".join(line.split()) for line in said.splitlines()]


def test_a_long_list_is_cut(box, database, monkeypatch):
    async def give_up(unit):
        await unit.connection.execute(update(DeliveryRow).values(state=int(State.GIVEN_UP), settled_at=unit.now))

    monkeypatch.setattr(outbox, "_SHOWN", 1)
    assert "more" not in box("outbox").out
    on(database, give_up)
    assert box("outbox").out.endswith("\nand 2 more\n")
    assert len(box("outbox", "--json").json["given_up_deliveries"]) == 1


def test_all_of_it_is_sent_again(box, states):
    said = box("outbox", "retry")
    assert (said.code, said.out) == (0, "2 deliveries will be sent again\n")
    assert set(states().values()) == {State.OWED}
    assert box("outbox", "retry").out == "0 deliveries will be sent again\n"
    found = box("outbox", "--json").json
    assert (found["owed"], found["given_up"], found["unknown"]) == (3, 0, 0)
    assert found["given_up_deliveries"] == found["unknown_deliveries"] == []


@pytest.mark.parametrize("place", ["telegram:7", "number"])
def test_one_place_and_one_paper_are_chosen(box, states, place):
    if place == "number":
        place = box("outbox", "--json").json["owed_places"][0]["number"]
    said = box("outbox", "retry", "--place", place, "--paper", "https://arxiv.org/abs/2601.00002v1")
    assert said.out == "1 delivery will be sent again\n"
    assert states() == {"1": State.OWED, "2": State.OWED, "3": State.UNKNOWN}
    assert box("outbox", "drop", "--paper", "2601.00003", "--json").json == {"dropped": 1}
    assert states()["3"] is State.DROPPED
    assert box("outbox", "retry", "--json").json == {"retried": 0}


def test_it_is_dropped(box, states):
    assert box("outbox", "drop").out == "2 deliveries dropped\n"
    assert states() == {"1": State.OWED, "2": State.DROPPED, "3": State.DROPPED}
    assert box("outbox", "drop", "--owed", "--place", "telegram:7").out == "1 delivery dropped\n"
    assert box("outbox", "--json").json["owed"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retry", "--place", "telegram:8"], "there is no place 'telegram:8'"),
        (["drop", "--place", "4711"], "there is no place '4711'"),
        (["drop", "--place", "Ada"], "give its number, or channel:address as in telegram:12345"),
        (["drop", "--paper", "2601.77777"], "the paper '2601.77777' isn't stored"),
    ],
)
def test_a_place_or_paper_that_is_not_there(box, states, arguments, said):
    refused = box("outbox", *arguments)
    assert refused.code == 1
    assert said in refused.err
    assert State.GIVEN_UP in states().values()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--hold", "--release"],
        ["--hold", "retry"],
        ["--place", "1"],
        ["--paper", "1"],
        ["--owed"],
        ["retry", "--owed"],
        ["resend"],
    ],
)
def test_what_makes_no_sense_is_refused(shell, arguments):
    assert shell("outbox", *arguments).code == 2
