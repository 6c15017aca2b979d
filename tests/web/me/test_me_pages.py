"""The pages of somebody who is signed in: each form does what the command does in a chat."""

import json
from dataclasses import replace

import pytest
from me_world import ANN, GROUP, MAIL

from commands.commands_bot import paper
from paperwire.ports.callers import Actor, Place


async def subscriptions(my_pages, who=ANN):
    async with my_pages.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=who))
        return await unit.subscriptions.of_person(person.number)


async def place_of(my_pages, address=ANN, channel="telegram"):
    async with my_pages.store.read() as unit:
        return await unit.places.at(Place(channel=channel, address=address, kind="private"))


@pytest.fixture
async def ann(my_pages):
    return await my_pages.signed_in()


# --- subscriptions -----------------------------------------------------------------------------------------------


async def test_a_subscription_is_added_and_says_what_to_expect(my_pages, ann):
    await my_pages.bot.record(paper(1, "Gliding snakes"), paper(2, "Sliding snakes"))
    place = await place_of(my_pages)
    await ann.open("/me")
    assert "You have no subscriptions yet." in ann.words
    await ann.send("/me", do="add", query="snakes", place=place.number, when="daily 8am", label="Slow")
    assert "Subscribed." in ann.words
    assert "2 matches" in ann.words
    assert "New papers go to your chat on Telegram every day at 08:00 (UTC)." in ann.words
    (one,) = await subscriptions(my_pages)
    assert (one.text, one.cadence, one.name, one.destinations) == ("snakes", "daily 08:00", "Slow", (place.number,))
    assert "Undo" in ann.words
    await ann.send("/me", do="add", query="snakes", place=place.number, when="daily 8am")
    assert "Undo" not in ann.words  # or it would delete what was there before
    await ann.open("/me")
    assert "#1 Slow snakes" in ann.words


async def test_a_chat_and_the_page_see_the_same(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion when:daily 08:00")
    await ann.open("/me")
    assert "#1 diffusion" in ann.words
    assert "every day at 08:00 (UTC)" in ann.words
    await ann.do("/me/subscriptions/1", "edit", query="lora")
    assert "lora" in str((await my_pages.bot.says("/subscriptions")).message)


@pytest.mark.parametrize("path", ["/me", "/me/subscriptions/1"])
async def test_a_wrong_query_is_marked_and_kept(my_pages, ann, path):
    await my_pages.bot.says("/subscribe diffusion")
    place = await place_of(my_pages)
    do = "add" if path == "/me" else "edit"
    answer = await ann.do(path, do, query='lora   or "<b>', place=place.number, label="<i>", when="weekly mon 8")
    assert answer.status_code == 400
    assert "Error: " in ann.words
    assert "Operators are written in capitals: OR (column 6)" in ann.words
    assert "<mark>or</mark>" in answer.text
    assert 'href="#query"' in answer.text
    assert 'value="lora   or &#34;&lt;b&gt;" aria-invalid="true" aria-describedby="error"' in answer.text
    if path == "/me":
        assert 'value="&lt;i&gt;"' in answer.text
        assert 'value="weekly mon 8"' in answer.text
    assert [one.text for one in await subscriptions(my_pages)] == ["diffusion"]


async def test_a_time_that_cannot_be_read_is_said_at_its_field(my_pages, ann):
    place = await place_of(my_pages)
    answer = await ann.do("/me", "add", query="lora", place=place.number, when="hourly")
    assert answer.status_code == 400
    assert '<a href="#when">' in answer.text
    assert await subscriptions(my_pages) == []
    await my_pages.bot.says("/subscribe diffusion")
    answer = await ann.do("/me/subscriptions/1", "cadence", when="hourly")
    assert 'value="hourly" aria-invalid="true"' in answer.text


async def test_one_is_edited_and_changed_back(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await ann.do("/me/subscriptions/1", "edit", query="lora  OR qlora")
    assert "The query was changed." in ann.words
    (one,) = await subscriptions(my_pages)
    assert one.text == "lora OR qlora"
    await ann.send("/me/subscriptions/1", do="revert", second=int(one.edited_at.timestamp()))
    assert "The query was changed back." in ann.words
    assert [one.text for one in await subscriptions(my_pages)] == ["diffusion"]
    await ann.send("/me/subscriptions/1", do="revert", second=1)
    assert "This page was out of date." in ann.words


async def test_two_of_one_query_are_refused(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await my_pages.bot.says("/subscribe lora")
    answer = await ann.do("/me/subscriptions/2", "edit", query="diffusion")
    assert answer.status_code == 400
    assert "#1 already has this query." in ann.words


async def test_cadence_occasions_and_pause(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await ann.do("/me/subscriptions/1", "cadence", when="mondays 8am")
    assert "Changed how often papers are sent." in ann.words
    await ann.do("/me/subscriptions/1", "include", occasion="versions")
    assert "Sends: new papers and new versions." in ann.words
    await ann.send("/me/subscriptions/1", do="include", occasion="versions")  # a page that was open elsewhere
    await ann.send("/me/subscriptions/1", do="pause")
    assert "This subscription is paused." in ann.words
    (one,) = await subscriptions(my_pages)
    assert (one.cadence, one.occasions, one.paused) == ("weekly mon 08:00", {"arrival", "versions"}, True)
    await ann.send("/me/subscriptions/1", do="cadence", when="")
    await ann.send("/me/subscriptions/1", do="exclude", occasion="versions")
    await ann.send("/me/subscriptions/1", do="resume")
    (one,) = await subscriptions(my_pages)
    assert (one.cadence, one.occasions, one.paused) == ("", {"arrival"}, False)
    assert (await ann.send("/me/subscriptions/1", do="include", occasion="everything")).status_code == 400
    assert (await ann.send("/me/subscriptions/1", do="exclude", occasion="everything")).status_code == 400


async def test_new_papers_are_added_and_the_last_occasion_stays(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion occasions:versions")
    answer = await ann.send("/me/subscriptions/1", do="exclude", occasion="versions")
    assert answer.status_code == 400
    assert "includes new versions and nothing else" in ann.words
    assert "Updates will be posted" not in ann.words  # they go to a chat, which is not this page
    assert "Updates go to" in ann.words
    assert "Sends: new versions, but no new papers." in ann.words
    assert [one.occasions for one in await subscriptions(my_pages)] == [{"versions"}]
    await ann.do(
        "/me", "add", query="diffusion", label="", when="", place=(await subscriptions(my_pages))[0].destinations[0]
    )
    assert "Sends: new papers and new versions." in ann.words
    assert [one.occasions for one in await subscriptions(my_pages)] == [{"arrival", "versions"}]


async def test_one_is_deleted_and_brought_back(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await ann.open("/me")
    await ann.send("/me/subscriptions/1", do="delete")
    assert "Unsubscribed: diffusion" in ann.words
    assert await subscriptions(my_pages) == []
    await ann.send("/me/subscriptions/1", do="restore")
    assert "Subscribed again." in ann.words
    assert [one.text for one in await subscriptions(my_pages)] == ["diffusion"]
    await ann.send("/me/subscriptions/1", do="delete")
    await ann.open("/me?done=deleted&n=99")
    assert "Unsubscribed" not in ann.words
    assert (await ann.open("/me/subscriptions/1")).status_code == 404


@pytest.mark.parametrize("what", ["subscriptions/999999999", "subscriptions/x", "places/999999999", "places/x"])
async def test_what_is_not_there(ann, what):
    assert (await ann.open(f"/me/{what}")).status_code == 404
    assert (await ann.open("/me/saved/docx")).status_code == 404


async def test_without_a_place_of_ones_own_there_is_none_to_subscribe(my_pages):
    browser = my_pages.browser()
    await browser.sign_in(await my_pages.link(who="5", place=GROUP))
    assert "Send /start to the bot in a private chat." in browser.words
    await browser.open("/me/places")
    assert "Send /start to the bot in a private chat." in browser.words
    await browser.open("/me/account")
    assert (await browser.send("/me", do="add", query="lora", place="")).status_code == 400


async def test_the_limits_of_chats_hold(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await ann.open("/me/subscriptions/1")
    answers = [await ann.send("/me/subscriptions/1", do="pause") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Too many requests. Try again in 3 s." in ann.words


# --- places ------------------------------------------------------------------------------------------------------


async def test_settings_of_a_place(my_pages, ann):
    place = await place_of(my_pages)
    path = f"/me/places/{place.number}"
    await ann.open("/me/places")
    assert path in ann.page.links
    await ann.do(path, "digest", when="weekdays 7:30", zone="berlin", min="3", max="20", empty="yes")
    assert "Changed when papers are sent here." in ann.words
    now = await place_of(my_pages)
    assert (now.cadence, now.zone) == ("weekdays 07:30", "Europe/Berlin")
    assert (now.digest_min, now.digest_max, now.digest_empty) == (3, 20, True)
    await ann.send(path, do="quiet", hours="22-7")
    await ann.send(path, do="style", style="list")
    await ann.send(path, do="pause")
    assert "Paused. Papers that match meanwhile are kept." in ann.words
    now = await place_of(my_pages)
    assert (now.quiet, now.style, now.paused) == ("22:00-07:00", "list", "asked:User 1")
    await ann.send(path, do="resume")
    await ann.send(path, do="quiet", hours="")
    await ann.send(path, do="digest", when="", zone="Europe/Berlin", min="", max="")
    now = await place_of(my_pages)
    assert (now.paused, now.quiet, now.cadence, now.zone) == ("", "", "weekdays 07:30", "Europe/Berlin")
    assert (now.digest_min, now.digest_max, now.digest_empty) == (1, 0, False)


@pytest.mark.parametrize(
    ("do", "field", "typed"),
    [
        ("digest", "when", "hourly"),
        ("digest", "zone", "Mars"),
        ("digest", "min", "0"),
        ("digest", "max", "-3"),
        ("quiet", "hours", "8-8"),
        ("style", "style", "fancy"),
    ],
)
async def test_what_a_place_cannot_be_set_to(my_pages, ann, do, field, typed):
    before = await place_of(my_pages)
    path = f"/me/places/{before.number}"
    fields = {"when": "daily 8", "zone": "UTC", "min": "1", "max": ""} if do == "digest" else {}
    answer = await ann.do(path, do, **{**fields, field: typed})
    assert answer.status_code == 400
    assert f'<a href="#{field}">' in answer.text
    assert field in ann.page.ids
    if field != "style":
        assert f'value="{typed}" aria-invalid="true"' in answer.text
    assert await place_of(my_pages) == before


async def test_mutes_are_lifted(my_pages, ann):
    await my_pages.bot.record(paper(1, "Gliding snakes"))
    await my_pages.bot.presses("muted:1:author:0")
    place = await place_of(my_pages)
    path = f"/me/places/{place.number}"
    await ann.open(path)
    assert "Ann Lee" in ann.words
    await ann.send(path, do="unmute", mute="1")
    assert "Unmuted." in ann.words
    assert "Nothing is muted here." in ann.words
    assert (await ann.send(path, do="unmute", mute="1")).status_code == 400


async def test_a_shared_place_is_managed_by_its_managers(my_pages, ann):
    telegram = my_pages.context.channels["telegram"]
    telegram.managed["-100"] = GROUP, {ANN}
    await my_pages.bot.says("/subscribe diffusion", place=GROUP)
    group = await place_of(my_pages, "-100")
    await ann.open("/me/places")
    assert "Vision lab (Telegram)" in ann.words
    await ann.do(f"/me/places/{group.number}", "digest", when="daily 9", zone="", min="", max="")
    await ann.send("/me/subscriptions/1", do="edit", query="lora")
    await ann.do("/me", "add", query="qlora", place=group.number)
    assert await my_pages.bot.subscribed(place=GROUP) == ["lora", "qlora"]
    assert (await place_of(my_pages, "-100")).cadence == "daily 09:00"
    await ann.do("/me/subscriptions/1", "delete")
    assert "Unsubscribed: lora" in ann.words
    assert ann.answer.url.path == f"/me/places/{group.number}"
    telegram.managed["-100"] = GROUP, set()
    assert (await ann.open(f"/me/places/{group.number}")).status_code == 404
    assert (await ann.open("/me/subscriptions/2")).status_code == 404
    assert (await ann.do("/me", "add", query="other", place=group.number)).status_code == 400
    assert await my_pages.bot.subscribed(place=GROUP) == ["qlora"]


# --- saved papers, feeds, account ---------------------------------------------------------------------------------


async def test_saved_papers_and_their_files(my_pages, ann):
    await ann.open("/me/saved")
    assert "You haven't saved any papers yet." in ann.words
    papers = [paper(number, f"Gliding snakes {number}") for number in range(1, 53)]
    await my_pages.bot.record(*papers)
    for number in range(1, 53):
        await my_pages.bot.presses(f"save:{number}")
    await ann.open("/me/saved")
    assert "52 saved papers" in ann.words
    assert "Gliding snakes 52" in ann.words
    await ann.open(ann.page.turns["next"])
    assert "Gliding snakes 1" in ann.words
    for page in ("x", "000001" + "0" * 5_000):  # which Python makes no number of
        assert (await ann.open(f"/me/saved?page={page}")).status_code == 200
        assert "Gliding snakes 52" in ann.words
    bib = await ann.open("/me/saved/bibtex")
    assert bib.headers["content-disposition"] == 'attachment; filename="saved.bib"'
    assert bib.text.count("@") >= 52
    assert "TY  - " in (await ann.open("/me/saved/ris")).text
    await ann.do("/me/saved", "remove", paper="52")
    assert "No longer saved: Gliding snakes 52" in ann.words
    assert "51 saved papers" in ann.words
    await ann.send("/me/saved", do="keep", paper="52")
    assert "Saved again: Gliding snakes 52" in ann.words
    assert (await ann.send("/me/saved", do="remove", paper="x")).status_code == 400
    for query in ("done=removed&n=99", "done=removed&n=x"):
        await ann.open(f"/me/saved?{query}")
        assert "No longer saved" not in ann.words


async def test_feed_links_and_new_ones(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion name:Slow")
    await ann.open("/me/feeds")
    before = [link for link in ann.page.links if "/f/" in link]
    assert len(before) == 3
    assert before[0] in str((await my_pages.bot.says("/feed")).message)
    await ann.open("/me/feeds?of=1")
    assert "Slow" in ann.words
    assert not set(before) & set(ann.page.links)
    await ann.do("/me/feeds", "reset", of="all")
    assert "New links; the old ones no longer work." in ann.words
    after = [link for link in ann.page.links if "/f/" in link]
    assert not set(before) & set(after)
    assert (await ann.client.get(after[0])).status_code == 200
    assert "reset" in (await ann.client.get(before[0])).text


async def test_the_feed_of_a_shared_place(my_pages, ann):
    my_pages.context.channels["telegram"].managed["-100"] = GROUP, {ANN}
    await my_pages.bot.says("/subscribe diffusion", place=GROUP)
    group = await place_of(my_pages, "-100")
    await ann.open(f"/me/feeds?of=place:{group.number}")
    assert "Vision lab (Telegram)" in ann.words


async def test_two_accounts_are_one_person(my_pages, ann):
    await ann.do("/me/account", "link")
    code = ann.page.words.partition("/link ")[2].split()[0]
    box = Place(channel="discord", address="77", kind="private")
    actor = Actor(channel="discord", user_id="d7")
    request = replace(my_pages.bot.request(place=box, command="subscribe", args="lora"), actor=actor)
    await my_pages.bot.commands.handle(request)
    await my_pages.bot.commands.handle(replace(request, command="", args="", action=f"join:{code}"))
    await ann.open("/me/account")
    assert "Discord: d7" in ann.words
    await ann.open("/me")
    assert "lora" in ann.words
    await ann.open("/me/places")
    assert "your chat on Telegram" in ann.words
    assert "your chat on Discord" in ann.words
    other = my_pages.browser()
    reply = await my_pages.bot.commands.handle(replace(request, command="me", args=""))
    await other.sign_in(reply.message.buttons[0][0].url)
    await other.open("/me/places")
    assert "your chat on Telegram" in other.words


async def test_sessions_and_links_go_along_when_accounts_are_linked(my_pages, ann):
    code = (await my_pages.bot.says("/link", who="9")).message.head[1][0].text.removeprefix("/link ")
    await my_pages.bot.says("/subscribe lora", who="9")
    link = await my_pages.link()
    await my_pages.bot.presses(f"join:{code}")
    await ann.open("/me")
    assert "lora" in ann.words
    other = my_pages.browser()
    await other.sign_in(link)
    assert "lora" in other.words


async def test_somebody_with_a_mailbox_alone(my_pages):
    account = Actor(channel="email", user_id=MAIL)
    async with my_pages.store.write() as unit:
        person = await unit.people.ensure(account, "en")
        await unit.places.ensure(Place(channel="email", address=MAIL, kind="mailbox", title=MAIL), person.number)
    browser = my_pages.browser()
    await browser.sign_in(await my_pages.mailed_link())
    box = await place_of(my_pages, MAIL, "email")
    await browser.send("/me", do="add", query="diffusion", place=box.number, when="daily 8")
    await browser.do(f"/me/places/{box.number}", "quiet", hours="22-7")
    assert (await place_of(my_pages, MAIL, "email")).quiet == "22:00-07:00"
    await browser.open("/me/places")
    assert MAIL in browser.words
    await browser.do("/me/subscriptions/1", "delete")
    assert "Unsubscribed: diffusion" in browser.words


async def test_everything_stored_as_a_file(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    answer = await ann.open("/me/export")
    stored = json.loads(answer.text)
    assert stored["subscriptions"][0]["text"] == "diffusion"
    assert [row["user_id"] for row in stored["signed_in"]] == [ANN]
    assert len(stored["sign_in_links"]) == 1
    assert answer.headers["cache-control"] == "private, no-store"
    assert "token" not in answer.text


async def test_everything_deleted_place_by_place(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    await ann.open("/me/forget")
    assert "Telegram, User 1: 1 subscription" in ann.words or "Telegram, private chat: 1 subscription" in ann.words
    assert await my_pages.bot.subscribed() == ["diffusion"]
    await ann.send("/me/forget", do="forget")
    assert "Everything about you has been deleted." in ann.words
    assert await my_pages.bot.subscribed() == []
    assert (await ann.open("/me/account")).status_code == 403
