"""Who may do what: each page and command tried by each kind of person, on what is theirs and on what isn't."""

import re
from dataclasses import dataclass

import pytest
from me_world import ANN, BOB, GROUP, MAIL

from commands.commands_bot import paper
from paperwire.ports.callers import Actor, Place
from paperwire.web.me.routes import PAGES as PAGES_SERVED

TABLES = (
    *("subscription", "subscription_destination", "destination", "mute", "saved", "feed", "person", "account"),
    *("session", "vote"),
)
ABOUT_ONESELF = {
    *(("/me/saved", "remove"), ("/me/act", "save:1"), ("/me/act", "unsave:1")),
    *(("/me/act", "vote:1"), ("/me/act", "withdraw:1")),
    *(("/me/account", "others"), ("/me/account", "language"), ("/me/forget", "forget")),
}
"""Forms that everybody has for what is their own."""


@dataclass
class Belongings:
    """Numbers of what Ann has: a subscription, her chat, and a group that she manages with one of its own.

    And the address of an account that is linked with hers, and what the pages call one of two sessions.
    """

    mine: int
    chat: int
    group: int
    ours: int
    mail: str
    session: str


FORMS = [
    ("/me", {"do": "add", "query": "lora", "place": "{chat}"}),
    ("/me", {"do": "add", "query": "lora", "place": "{group}"}),
    ("/me/import", {"do": "import", "list": "imported", "place": "{chat}"}),
    ("/me/import", {"do": "import", "list": "imported", "place": "{group}"}),
    *(
        (f"/me/subscriptions/{{{one}}}", fields)
        for one in ("mine", "ours")
        for fields in (
            {"do": "edit", "query": "qlora"},
            {"do": "cadence", "when": "daily 9"},
            {"do": "include", "occasion": "versions"},
            {"do": "exclude", "occasion": "versions"},
            {"do": "pause"},
            {"do": "resume"},
            {"do": "delete"},
            {"do": "restore"},
        )
    ),
    *(
        (f"/me/places/{{{one}}}", fields)
        for one in ("chat", "group")
        for fields in (
            {"do": "digest", "when": "daily 9", "zone": "", "min": "2", "max": ""},
            {"do": "quiet", "hours": "22-7"},
            {"do": "style", "style": "list"},
            {"do": "silence", "subscription": "{mine}" if one == "chat" else "{ours}"},
            {"do": "sound", "subscription": "{mine}" if one == "chat" else "{ours}"},
            {"do": "pause"},
            {"do": "resume"},
        )
    ),
    ("/me/places/{group}", {"do": "threads", "threads": "on"}),
    ("/me/places/{group}", {"do": "vote", "paper": "1"}),
    ("/me/places/{group}", {"do": "withdraw", "paper": "1"}),
    *(("/me/act", {"do": f"{verb}:1"}) for verb in ("vote", "withdraw", "unsave", "save")),
    ("/me/act", {"do": "subscribe", "query": "hamsters", "place": "{chat}"}),
    ("/me/act", {"do": "subscribe", "query": "hamsters", "place": "{group}"}),
    *(("/me/act", {"do": f"{verb}:{{{one}}}"}) for one in ("mine", "ours") for verb in ("unsubscribe", "restore")),
    ("/me/mute/1", {"do": "mute", "what": "accepted:0", "place": "{chat}"}),
    ("/me/mute/1", {"do": "mute", "what": "category:0:", "place": "{group}"}),
    ("/me/mute/1", {"do": "unmute", "mute": "2", "place": "{chat}"}),
    ("/me/places/{chat}", {"do": "unmute", "mute": "1"}),
    ("/me/saved", {"do": "remove", "paper": "1"}),
    ("/me/feeds", {"do": "reset", "of": "{mine}"}),
    ("/me/feeds", {"do": "reset", "of": "place:{group}"}),
    ("/me/feeds", {"do": "reset", "of": "{ours}"}),
    ("/me/account", {"do": "unlink", "account": "email:{mail}"}),
    ("/me/account", {"do": "end", "session": "{session}"}),
    ("/me/account", {"do": "others"}),
    ("/me/account", {"do": "language", "language": "en"}),
    ("/me/forget", {"do": "forget"}),
]
PAGES = [
    *("/me/subscriptions/{mine}", "/me/subscriptions/{ours}", "/me/places/{chat}", "/me/places/{group}"),
    *("/me/feeds?of={mine}", "/me/feeds?of={ours}", "/me/feeds?of=place:{group}"),
]
OWN = [
    "/me",
    "/me/import",
    "/me/places",
    "/me/saved",
    "/me/mute/1",
    "/me/saved/bibtex",
    "/me/saved/ris",
    "/me/feeds",
    "/me/feeds.opml",
    "/me/account",
    "/me/export",
]
"""Pages of whoever asks: another person sees their own there."""
PRESSED = [
    *(f"{verb}:{{{one}}}" for one in ("mine", "ours") for verb in ("del", "undo", "redo", "off", "on", "sub", "edit")),
    *(
        f"{action}"
        for one in ("mine", "ours")
        for action in (f"when:{{{one}}}:daily 09:00", f"also:{{{one}}}:versions", f"drop:{{{one}}}:versions")
    ),
    *("feed:{mine}", "feed:{ours}", "feed:place:{group}", "newfeed:{mine}:yes", "newfeed:place:{group}:yes", "lift:1"),
    *("subs:{group}:0", "revert:{mine}:1"),
]


TRIED_APART = {
    *(("/me/account", "out"), ("/me/account", "everywhere"), ("/me/account", "link")),
    *(("/me/import", "plan"), ("/me/import", "undo"), ("/me/saved", "keep"), ("/me/subscriptions/{number}", "revert")),
}
"""Forms that end a session, or change what only an earlier step made: tests of those pages try them."""


def path_of(listed):
    """The path of a page in the routes that a path in the tables above means."""
    path = listed.partition("?")[0]
    return next(page for page in PAGES_SERVED if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", page), path))


def test_every_page_and_each_of_its_forms_is_in_the_tables():
    forms = {(path_of(path), fields["do"]) for path, fields in FORMS if path != "/me/act"}
    assert forms | TRIED_APART == {(path, do) for path, page in PAGES_SERVED.items() for do in page.actions}
    assert not forms & TRIED_APART
    assert {path_of(path) for path in (*PAGES, *OWN)} | {path for path, _ in forms} == set(PAGES_SERVED)


@pytest.fixture
async def theirs(my_pages):
    my_pages.context.channels["telegram"].managed["-100"] = GROUP, {ANN}
    my_pages.context.channels["telegram"].threaded = frozenset({"group"})
    await my_pages.bot.record(paper(1, "Gliding snakes"))
    mine = await my_pages.bot.number("diffusion")
    ours = await my_pages.bot.number("ours", place=GROUP)
    await my_pages.bot.presses("muted:1:author:0")
    await my_pages.bot.presses("save:1")
    for part in ("all", mine, ours):
        await my_pages.bot.presses(f"feed:{part}")
    await my_pages.bot.says("/subscribe theirs", who=BOB)
    async with my_pages.store.read() as unit:
        chat = await unit.places.at(Place(channel="telegram", address=ANN, kind="private"))
        group = await unit.places.at(GROUP)
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
    async with my_pages.store.write() as unit:
        await unit.people.link(Actor(channel="email", user_id=MAIL), person.number)
    for _ in range(2):
        await my_pages.signed_in()
    async with my_pages.store.read() as unit:
        session = (await unit.sign_ins.sessions(person.number))[0]
    return Belongings(mine, chat.number, group.number, ours, MAIL, session.key)


async def stored(my_pages):
    """All that could have been changed."""

    async with my_pages.store.read() as unit:
        rows = {name: (await unit.connection.exec_driver_sql(f"SELECT * FROM {name}")).all() for name in TABLES}  # noqa: S608 -- names of ours
    return {name: sorted(map(str, rows[name])) for name in TABLES}


def filled(text, theirs):
    return text.format(**vars(theirs))


async def tried(my_pages, browser, theirs, *, headers=None, forge=False):
    """Send every form: the status of each answer, and what was changed."""
    before = await stored(my_pages)
    statuses = []
    if not forge:
        await browser.open("/me/account")
    forge = forge or browser.page.inputs[0]["value"]
    for path, fields in FORMS:
        my_pages.clock.advance(seconds=4)
        sent = {name: filled(value, theirs) for name, value in fields.items()}
        statuses.append((await browser.send(filled(path, theirs), headers=headers, **sent, form=forge)).status_code)
    after = await stored(my_pages)
    return set(statuses), [name for name in TABLES if before[name] != after[name]]


@pytest.mark.whole
async def test_whose_it_is_may_do_all_of_it(my_pages, theirs):
    browser = await my_pages.signed_in()
    for path in (*PAGES, *OWN):
        assert (await browser.open(filled(path, theirs))).status_code == 200
    for path, fields in FORMS:
        my_pages.clock.advance(seconds=4)
        before = await stored(my_pages)
        await browser.open("/me/account")
        sent = {name: filled(value, theirs) for name, value in fields.items()}
        answer = await browser.send(filled(path, theirs), **sent)
        assert answer.status_code == 200, (path, fields)
        assert await stored(my_pages) != before, (path, fields)


@pytest.mark.whole
async def test_another_person_may_do_none_of_it(my_pages, theirs):
    browser = await my_pages.signed_in(BOB)
    for path in PAGES:
        assert (await browser.open(filled(path, theirs))).status_code == 404
    for path in OWN:
        answer = await browser.open(path)
        assert answer.status_code == 200
        assert "diffusion" not in answer.text
        assert "Gliding" not in answer.text or path == "/me/mute/1"  # which names the paper that it is about
    forms = [one for one in FORMS if (one[0], one[1]["do"]) not in ABOUT_ONESELF]
    before = await stored(my_pages)
    for path, fields in forms:
        my_pages.clock.advance(seconds=4)
        await browser.open("/me/account")
        answer = await browser.send(filled(path, theirs), **{key: filled(one, theirs) for key, one in fields.items()})
        assert answer.status_code in {400, 404}, (path, fields)
        assert await stored(my_pages) == before, (path, fields)
    await browser.do("/me/saved", "remove", paper="1")
    assert await stored(my_pages) == before


async def test_what_is_anothers_is_not_shown_nor_changed(my_pages, theirs):
    """The short form of what the others here try one by one."""
    browser = await my_pages.signed_in(BOB)
    for path in PAGES:
        answer = await browser.open(filled(path, theirs))
        assert answer.status_code == 404
        assert not [name for name in ("Vision lab", "diffusion") if name in answer.text]
    before = await stored(my_pages)
    for path in ("/me/places/{chat}", "/me/places/{group}", "/me/subscriptions/{mine}", "/me/subscriptions/{ours}"):
        await browser.open("/me/account")
        assert (await browser.send(filled(path, theirs), do="pause")).status_code in {400, 404}
    assert await stored(my_pages) == before


@pytest.mark.whole
async def test_a_manager_who_is_none_any_more_may_change_the_group_no_longer(my_pages, theirs):
    browser = await my_pages.signed_in()
    my_pages.context.channels["telegram"].managed["-100"] = GROUP, {BOB}
    before = await stored(my_pages)
    for path, fields in FORMS:
        if "{group}" in (path + str(fields)) or "{ours}" in (path + str(fields)):
            my_pages.clock.advance(seconds=4)
            await browser.open("/me/account")
            sent = {key: filled(one, theirs) for key, one in fields.items()}
            assert (await browser.send(filled(path, theirs), **sent)).status_code in {400, 404}
    assert await stored(my_pages) == before


@pytest.mark.whole
@pytest.mark.parametrize("how", ["signed out", "expired", "never signed in"])
async def test_who_is_not_signed_in_may_do_none_of_it(my_pages, theirs, how):
    browser = my_pages.browser() if how == "never signed in" else await my_pages.signed_in()
    if how == "signed out":
        cookie = browser.client.cookies["__Host-paperwire"]
        await browser.do("/me/account", "out")
        browser.client.cookies.set("__Host-paperwire", cookie)
    if how == "expired":
        my_pages.clock.advance(days=30)
    for path in (*PAGES, *OWN):
        answer = await browser.open(filled(path, theirs))
        assert answer.status_code == (200 if path == "/me" else 403)
        assert "diffusion" not in answer.text
    assert await tried(my_pages, browser, theirs) == ({403}, [])


@pytest.mark.whole
async def test_after_forget_nothing_is_left_to_do(my_pages, theirs):
    browser = await my_pages.signed_in()
    await my_pages.bot.presses("forget:yes")
    for path in (*PAGES, *OWN[1:]):
        assert (await browser.open(filled(path, theirs))).status_code == 403
    assert await tried(my_pages, browser, theirs) == ({403}, [])


@pytest.mark.whole
async def test_a_form_of_another_session_changes_nothing(my_pages, theirs):
    browser, other, again = await my_pages.signed_in(), await my_pages.signed_in(BOB), await my_pages.signed_in()
    for one in (other, again):
        await one.open("/me/account")
        forge = one.page.inputs[0]["value"]
        assert await tried(my_pages, browser, theirs, forge=forge) == ({403}, [])
    for forge in ("x", "é"):
        assert await tried(my_pages, browser, theirs, forge=forge) == ({403}, [])


@pytest.mark.whole
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}])
async def test_a_form_from_another_site_changes_nothing(my_pages, theirs, headers):
    browser = await my_pages.signed_in()
    assert await tried(my_pages, browser, theirs, headers=headers) == ({403}, [])
    assert "another site sent it" in browser.words


@pytest.mark.whole
async def test_the_same_holds_for_the_buttons_of_chats(my_pages, theirs):
    before = await stored(my_pages)
    for action in PRESSED:
        await my_pages.bot.presses(filled(action, theirs), who=BOB)
        assert await stored(my_pages) == before, action
    changed = set()
    for action in PRESSED:
        before = await stored(my_pages)
        await my_pages.bot.presses(filled(action, theirs))
        changed |= {action} if await stored(my_pages) != before else set()
    verbs = {action.partition(":")[0] for action in changed}
    assert {"del", "redo", "off", "on", "when", "also", "drop", "newfeed", "lift"} <= verbs


@pytest.mark.whole
async def test_a_place_that_two_people_name_is_set_by_the_first(my_pages, theirs):
    topic = Place(channel="ntfy", address="https://ntfy.example/x", kind="address")
    async with my_pages.store.write() as unit:
        ann = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        bob = await unit.people.person_of(Actor(channel="telegram", user_id=BOB))
        place = await unit.places.ensure(topic, ann.number)
        subscription = (await unit.subscriptions.of_person(bob.number))[0]
        await unit.routes.lead_all(bob.number, place.number)
    first, second = await my_pages.signed_in(), await my_pages.signed_in(BOB)
    assert (await first.open(f"/me/places/{place.number}")).status_code == 200
    assert subscription.text not in first.answer.text  # which is the other's
    assert (await second.open(f"/me/places/{place.number}")).status_code == 404
