"""Votes for papers of the public list and of shared places, cast on the pages."""

import pytest
from me_world import ANN, BOB, GROUP

from commands.commands_bot import paper
from paperwire.core.papers.lists import PUBLIC
from paperwire.web.site import local_path
from web_page import Checked
from web_scene import SITE

PAPER = "/papers/2601.00001"


@pytest.fixture
async def listed(my_pages):
    """Two papers, the first of them submitted to the public list by Bob."""
    await my_pages.bot.record(paper(1, "Gliding snakes"), paper(2, "Ladders"))
    await my_pages.bot.says("/submit 2601.00001", who=BOB)
    async with my_pages.store.read() as unit:
        return (await unit.papers.get("2601.00001")).number


async def votes(my_pages, number, of_list=PUBLIC):
    async with my_pages.store.read() as unit:
        return (await unit.lists.votes(of_list, [number])).get(number, 0)


def buttons(browser):
    """What can be pressed under the first paper."""
    return [one for one in browser.page.presses if one.endswith(":1")]


@pytest.mark.parametrize("path", ["/list", "/list?window=week", PAPER])
async def test_who_is_signed_in_votes_and_takes_it_back(my_pages, listed, path):
    ann = await my_pages.signed_in()
    await ann.open(path)
    assert "1 vote" in ann.words
    assert buttons(ann) == ["save:1", "vote:1"]
    back = next(one["value"] for one in ann.page.inputs if one["name"] == "back")
    assert back == path
    for _ in range(2):  # a button pressed twice is one vote
        await ann.send("/me/act", do=f"vote:{listed}", back=back)
    assert "2 votes You voted for it." in ann.words
    assert buttons(ann) == ["save:1", "withdraw:1"]
    for _ in range(2):
        await ann.send("/me/act", do=f"withdraw:{listed}", back=back)
    assert "1 vote Your vote is withdrawn." in ann.words
    assert await votes(my_pages, listed) == 1


async def test_who_is_not_signed_in_sees_the_count_and_comes_back_after_signing_in(my_pages, listed):
    visitor = my_pages.browser()
    for path, sign_in in (("/list?window=week", "/me?to=/list%3Fwindow%3Dweek"), (PAPER, f"/me?to={PAPER}")):
        answer = await visitor.client.get(path)
        page = Checked(answer.text)
        assert "1 vote" in page.words
        assert page.forms == []
        assert sign_in in page.links
        assert answer.headers["cache-control"] == "no-cache"
        assert "cookie" in answer.headers.get_list("vary", split_commas=True)
        await visitor.open(sign_in)
        posted = await visitor.client.post("/me/act", data={"do": f"vote:{listed}", "form": "x"})
        assert posted.status_code == 403
    assert await votes(my_pages, listed) == 1
    assert "paperwire-back" in str(visitor.client.cookies)
    await visitor.sign_in(await my_pages.link())
    assert visitor.answer.url.path == PAPER
    assert buttons(visitor) == ["save:1", "vote:1"]
    assert "paperwire-back" not in str(visitor.client.cookies)
    assert (await visitor.client.get(f"/me?to={PAPER}")).headers["location"] == PAPER


async def test_one_gets_back_to_a_long_search(my_pages, listed):
    path = "/search?q=" + "+OR+".join(f"%C3%A9cole{number}" for number in range(60))
    assert len(path) > 900
    ann = await my_pages.signed_in()
    await ann.open("/list")
    form = next(one["value"] for one in ann.page.inputs if one["name"] == "form")
    posted = await ann.client.post("/me/act", data={"do": f"vote:{listed}", "form": form, "back": path})
    assert posted.headers["location"].startswith(f"{path}&done=voted")
    visitor = my_pages.browser()
    await visitor.open("/me", params={"to": path})
    await visitor.sign_in(await my_pages.link())
    assert visitor.answer.url.path == "/search"
    longer = my_pages.browser()
    await longer.open("/me", params={"to": f"/search?q={'x' * 5000}"})  # more than a cookie holds
    assert "paperwire-back" not in str(longer.client.cookies)


async def test_a_reader_presses_through_a_day(my_pages, listed):
    """Whom the limit of chats would stop at the twentieth press."""
    ann = await my_pages.signed_in()
    await ann.open("/list")
    form = next(one["value"] for one in ann.page.inputs if one["name"] == "form")

    async def press(do):
        return (await ann.client.post("/me/act", data={"do": do, "form": form, "part": "1"})).status_code

    presses = [f"{verb}:{listed}" for verb in ("save", "unsave", "vote", "withdraw") * 30]
    assert {await press(do) for do in presses} == {200}
    assert await press(f"vote:{listed}") == 429  # no reader is as quick as that
    assert await votes(my_pages, listed) == 1
    assert await press("subscribe") == 400  # for want of a place: it has the limit of chats, which is full


async def test_a_paper_says_on_which_lists_it_is(my_pages, listed):
    await my_pages.bot.says("/submit 2601.00002", who=BOB, place=GROUP)
    visitor, bob, ann = my_pages.browser(), await my_pages.signed_in(BOB), await my_pages.signed_in()
    text = (await visitor.client.get(PAPER)).text
    assert '<dt>Lists</dt><dd><a href="/list">' in text
    for browser, names in ((bob, True), (ann, False)):
        await browser.open("/papers/2601.00002")
        assert ("ListsVision lab" in browser.words) == names, "a group's list is shown to who put the paper there"


@pytest.mark.parametrize(
    "way",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/a b", "evil", "/é", f"/{'x' * 9000}"],
)
async def test_nothing_leads_to_another_site(my_pages, listed, way):
    assert local_path(way) == ""
    ann = await my_pages.signed_in()
    assert (await ann.client.get("/me", params={"to": way})).status_code == 200
    await ann.open("/list")
    form = next(one["value"] for one in ann.page.inputs if one["name"] == "form")
    posted = await ann.client.post("/me/act", data={"do": f"vote:{listed}", "form": form, "back": way})
    assert posted.headers["location"] == f"/?done=voted&n={listed}#paper-{listed}"
    visitor = my_pages.browser()
    await visitor.open("/me", params={"to": way})
    forged = way.encode("unicode_escape").decode()
    visitor.client.cookies.set("__Host-paperwire-back", forged, domain="papers.example.org")
    await visitor.sign_in(await my_pages.link())
    assert visitor.answer.url == f"{SITE}/me"


async def test_looking_at_an_address_is_no_vote(my_pages, listed):
    ann = await my_pages.signed_in()
    assert (await ann.client.get(f"/me/act?do=vote:{listed}")).status_code == 405
    assert await votes(my_pages, listed) == 1


async def test_what_cannot_be_voted_for(my_pages, listed):
    ann = await my_pages.signed_in()
    for do in ("vote:999999999", "vote:x", "vote", f"double:{listed}", ""):
        await ann.open("/list")
        assert (await ann.send("/me/act", do=do)).status_code == 400
        assert "Nothing was changed" in ann.words
    async with my_pages.store.write() as unit:
        await unit.lists.remove(PUBLIC, listed, barred=True)
    await ann.open("/me/account")
    assert (await ann.send("/me/act", do=f"vote:{listed}")).status_code == 400
    assert "It takes no more votes." in ann.words
    assert await votes(my_pages, listed) == 1


async def test_a_paper_that_is_on_no_list_yet_can_be_voted_for_too(my_pages, listed):
    ann = await my_pages.signed_in()
    await ann.open("/papers/2601.00002")
    assert "👍" not in ann.answer.text
    await ann.send("/me/act", do=f"vote:{listed + 1}", back="/papers/2601.00002")
    assert "1 vote" in ann.words
    assert await votes(my_pages, listed + 1) == 1


async def test_two_accounts_of_a_person_have_one_vote(my_pages, listed):
    ann = await my_pages.signed_in()
    await ann.open(PAPER)
    await ann.send("/me/act", do=f"vote:{listed}", back=PAPER)
    async with my_pages.store.write() as unit:
        person = await unit.people.person_of(my_pages.bot.request(who=ANN).actor)
        await unit.people.link(my_pages.bot.request(who=BOB).actor, person.number)
    await ann.open(PAPER)
    assert "1 vote" in ann.words
    assert buttons(ann) == ["save:1", "withdraw:1"]


async def test_the_list_of_a_group_is_voted_on_by_who_manages_it(my_pages, listed):
    my_pages.context.channels["telegram"].managed["-100"] = GROUP, {ANN}
    await my_pages.bot.says("/submit 2601.00002", place=GROUP)
    async with my_pages.store.read() as unit:
        group = await unit.places.at(GROUP)
    ann, bob = await my_pages.signed_in(), await my_pages.signed_in(BOB)
    path = f"/me/places/{group.number}"
    await ann.open(path)
    assert "Submitted here" in ann.words
    assert "👍 1 vote" in ann.words
    await ann.send(path, do="withdraw", paper=listed + 1)
    assert "Your vote is withdrawn." in ann.words
    await ann.send(path, do="vote", paper=listed + 1)
    assert "You voted for it." in ann.words
    assert await votes(my_pages, listed + 1, group.number) == 1
    await bob.open("/me/account")
    assert (await bob.send(path, do="vote", paper=listed + 1)).status_code == 404
    assert await votes(my_pages, listed + 1, group.number) == 1
    for page in ("/list", "/papers/2601.00002"):
        answer = await bob.client.get(page)
        assert "Vision lab" not in answer.text
        assert "👍 1 vote" not in Checked(answer.text).words or page == "/list"
