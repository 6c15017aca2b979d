"""A paper is retracted or corrected: who hears of it, once, and what changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pipeline_world import paper

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.notices import EditorialNotice
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.ports.callers import Actor, Place
from paperwire.ports.sources import Page
from paperwire.store.outbox.recipients import RETENTION

DOI = "10.5555/maps.1"
TODAY = date(2026, 1, 5)
RETRACTION = EditorialNotice(kind="retracted", doi="10.5555/notice.1", day=TODAY, source="publisher")
CORRECTION = EditorialNotice(kind="corrected", doi="10.5555/notice.2", day=TODAY, source="retraction-watch")
LINE = "Retracted 5 Jan 2026 (publisher)"


def said(*notices, about=DOI):
    return [
        Event(
            kind=EventKind(notice.kind),
            paper=Paper(id=about, title="", source="crossref"),
            source="crossref",
            day=notice.day,
            notice=notice,
        )
        for notice in notices
    ]


async def hear(stages, *events, quiet=False):
    """These statements are read, matched and delivered."""
    stages.source.says["all"].append(Page(part="all", events=tuple(events), cursor="1", quiet=quiet))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.deliver()


async def keeps(stages, address, how):
    """A person in a private chat saves, watches or votes for the paper, or did so in a group."""
    async with stages.store.write() as unit:
        person = (await unit.people.ensure(Actor(channel="telegram", user_id=address), "en")).number
        place = await unit.places.ensure(Place(channel="telegram", address=address, kind="private"), person)
        number = (await unit.papers.get(DOI)).number
        if how == "saved":
            await unit.people.save_paper(person, number)
        elif how == "watched":
            await unit.people.watch(place.number, number, person)
        else:
            await unit.lists.vote(PUBLIC, person, number)


@pytest.fixture
async def known(stages):
    """A preprint is announced, whose article's DOI is known."""
    await stages.announce("Maps", doi=DOI.upper())
    return stages


def lines(stages, to):
    """The first line of each paper that arrived at an address, and the one about a notice."""
    arrived = [item.lines for message in stages.post.arrived[to] for item in message.items]
    texts = [["".join(span.text for span in line) for line in its] for its in arrived]
    return [[its[0], *(text for text in its[1:] if text.startswith(("Retracted", "Corrected")))] for its in texts]


@pytest.mark.parametrize("how", ["saved", "watched", "voted"])
async def test_those_who_keep_a_paper_hear_of_its_retraction_once(known, how):
    await keeps(known, "1", how)
    await keeps(known, "1", "watched")  # more than one reason
    await hear(known, *said(RETRACTION))
    (shown,) = lines(known, "1")
    assert shown[-1] == LINE
    assert shown[0].endswith("retracted")
    again = replace(RETRACTION, doi="10.5555/notice.9", source="retraction-watch", day=TODAY)
    known.clock.advance(days=1)
    await hear(known, *said(RETRACTION, again))
    assert len(lines(known, "1")) == 1
    assert await known.owed() == 0


async def test_the_line_links_the_notice(known):
    await keeps(known, "1", "saved")
    await hear(known, *said(RETRACTION))
    ((item,),) = [message.items for message in known.post.arrived["1"]]
    assert "https://doi.org/10.5555/notice.1" in {span.url for line in item.lines for span in line}


async def test_those_who_got_it_hear_of_it_for_90_days_and_others_not(stages):
    await stages.subscribe("1", "maps")
    await stages.subscribe("2", "trains")
    await stages.announce("Maps", doi=DOI)
    await stages.deliver()
    stages.clock.advance(seconds=(RETENTION - timedelta(hours=1)).total_seconds())
    day = stages.clock().date()
    await hear(stages, *said(replace(RETRACTION, day=day)))
    assert (len(lines(stages, "1")), lines(stages, "2")) == (2, [])


async def test_those_who_got_it_long_ago_do_not_hear_of_it(stages):
    await stages.subscribe("1", "maps")
    await stages.announce("Maps", doi=DOI)
    await stages.deliver()
    stages.clock.advance(seconds=(RETENTION + timedelta(hours=1)).total_seconds())
    await hear(stages, *said(replace(RETRACTION, day=stages.clock().date())))
    assert len(lines(stages, "1")) == 1


async def test_what_was_saved_and_let_go_before_the_message_went_is_not_sent(known):
    await keeps(known, "1", "saved")
    known.source.says["all"].append(Page(part="all", events=tuple(said(RETRACTION)), cursor="1"))
    await known.collector.poll(early=True)
    await known.matching.run()
    assert await known.owed() == 1
    async with known.store.write() as unit:
        person = (await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")).number
        await unit.people.unsave_paper(person, (await unit.papers.get(DOI)).number)
    await known.deliver()
    assert lines(known, "1") == []


async def test_a_retraction_of_a_paper_that_is_not_stored_says_nothing(known):
    await keeps(known, "1", "saved")
    await hear(known, *said(RETRACTION, about="10.5555/other"))
    async with known.store.read() as unit:
        assert await unit.papers.get("10.5555/other") is None
        assert (await unit.papers.get(DOI)).notices == ()
    assert lines(known, "1") == []


async def test_a_correction_and_a_later_retraction_are_two_messages_and_the_other_way_round_one(known):
    await keeps(known, "1", "saved")
    await hear(known, *said(CORRECTION))
    await hear(known, *said(RETRACTION))
    assert [shown[-1] for shown in lines(known, "1")] == ["Corrected 5 Jan 2026 (Retraction Watch)", LINE]
    async with known.store.read() as unit:
        assert (await unit.papers.get(DOI)).notices == (CORRECTION, RETRACTION)


async def test_a_correction_of_what_is_retracted_is_no_news(known):
    await keeps(known, "1", "saved")
    await hear(known, *said(RETRACTION, CORRECTION))
    assert [shown[-1] for shown in lines(known, "1")] == [LINE]


async def test_old_notices_and_those_of_a_first_look_are_shown_and_notify_no_one(known):
    await keeps(known, "1", "saved")
    await hear(known, *said(replace(CORRECTION, day=date(2024, 12, 1))))
    await hear(known, *said(RETRACTION), quiet=True)
    await hear(known, *said(RETRACTION))
    assert lines(known, "1") == []
    async with known.store.read() as unit:
        assert [one.kind for one in (await unit.papers.get(DOI)).notices] == ["corrected", "retracted"]


async def test_a_retraction_is_for_the_one_paper_that_preprint_and_article_are(known):
    await keeps(known, "1", "saved")
    article = Paper(id=DOI, title="Map", source="crossref", doi=DOI, announced=TODAY)
    await hear(known, Event(kind=EventKind.NEW, paper=article, source="crossref", day=TODAY))
    await hear(known, *said(RETRACTION))
    assert [shown[-1] for shown in lines(known, "1")] == [LINE]
    later = paper("Maps", doi=DOI, version=2)
    await hear(known, Event(kind=EventKind.REPLACED, paper=later, source="arxiv", day=TODAY))
    async with known.store.read() as unit:
        assert (await unit.papers.get(DOI)).notices == (RETRACTION,)


async def test_a_notice_that_comes_with_the_article_is_told_once(known):
    await keeps(known, "1", "saved")
    article = Paper(id=DOI, title="Map", source="crossref", doi=DOI, announced=TODAY)
    await hear(known, Event(kind=EventKind.NEW, paper=article, source="crossref", day=TODAY), *said(RETRACTION))
    await hear(known, *said(RETRACTION))
    assert [shown[-1] for shown in lines(known, "1")] == [LINE]


async def test_who_muted_the_category_is_left_alone(known):
    await keeps(known, "1", "saved")
    async with known.store.write() as unit:
        place = await unit.places.at(Place(channel="telegram", address="1", kind="private"))
        await unit.places.mute(place.number, "category", "cs.cl")
    await hear(known, *said(RETRACTION))
    assert lines(known, "1") == []


async def test_subscriptions_do_not_get_it_as_a_paper(known):
    await known.subscribe("3", "maps")  # after it was announced
    await hear(known, *said(RETRACTION))
    assert lines(known, "3") == []
