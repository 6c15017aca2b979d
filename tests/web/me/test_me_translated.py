"""A person's pages in a made-up language, in which each text of ours stands in brackets."""

import re

import pytest
from me_world import ANN, GROUP, MAIL

from catalogues import LANGUAGES
from commands.commands_bot import paper
from english_left import english_left
from paperwire.languages import served, tag_of
from paperwire.ports.callers import Actor
from paperwire.texts import texts_in
from pseudo_locale import LOCALE, Page, install, untranslated
from web_scene import SITE

DATA = (
    *("telegram", "Telegram", "Vision lab", "User", "Zzzz", "zzzz", "Qq", "cs.CV", "BibTeX", "RIS", "OR"),
    "Computer Vision and Pattern Recognition",
)
ADDRESS = re.compile(r"https?://\S+")
ANN_BY_MAIL = Actor(channel="email", user_id=MAIL)


@pytest.fixture
def _pseudo(tmp_path, monkeypatch):
    yield install(tmp_path, monkeypatch)
    texts_in.cache_clear()


@pytest.mark.usefixtures("_pseudo")
async def test_no_page_shows_a_text_of_ours_untranslated(my_pages):
    assert await visited(my_pages, LOCALE, lambda text: untranslated(text, *DATA)) == {}


@pytest.mark.whole
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_is_left_in_english(my_pages, language):
    names = served().values()
    assert await visited(my_pages, tag_of(language), lambda text: english_left(text, language, *DATA, *names)) == {}


async def visited(my_pages, locale, faults_of):
    """What is wrong with each page, by its address or what was sent to it."""
    my_pages.context.channels["telegram"].managed["-100"] = GROUP, {ANN}
    await my_pages.bot.record(paper(1, "Zzzz", abstract="Zzzz", authors=("Qq",)))
    await my_pages.bot.says("/subscribe zzzz")
    await my_pages.bot.says("/subscribe zzzz", place=GROUP)
    await my_pages.bot.presses("muted:1:author:0")
    await my_pages.bot.presses("save:1")
    browser = my_pages.browser()
    browser.client.headers["accept-language"] = f"{locale}, en;q=0.5"
    found = {}

    def look(what):
        assert f'<html lang="{locale}">' in browser.answer.text
        if words := faults_of(ADDRESS.sub(" ", str(Page(browser.answer.text)))):
            found[what] = words

    link = (await my_pages.link()).removeprefix(SITE)
    for path in ("/me", "/me/in/x", "/me/account", link):
        await browser.open(path)
        look(path)
    await browser.send(link)
    stale = await my_pages.link()
    my_pages.clock.advance(minutes=16)
    paths = [
        *("/me", "/me/subscriptions/1", "/me/subscriptions/2", "/me/places", "/me/places/1", "/me/places/2"),
        *("/me/saved", "/me/feeds", "/me/feeds?of=1", "/me/account", "/me/forget", "/me/places/999999999", link, stale),
        *("/me/places/1?done=digest", "/me/subscriptions/1?done=added", "/me/saved?done=removed&n=1"),
    ]
    for path in paths:
        await browser.open(path.removeprefix(SITE))
        look(path)
    sent = [
        ("/me", {"do": "add", "query": "zzzz OR", "place": "1"}),
        ("/me/subscriptions/1", {"do": "nothing"}),
        ("/me/places/1", {"do": "digest", "when": "zzzz"}),
        ("/me/subscriptions/1", {"do": "delete"}),
        ("/me/account", {"do": "link"}),
        ("/me/account", {"do": "out"}),
    ]
    for path, fields in sent:
        await browser.open("/me/account")
        await browser.send(path, **fields)
        look(f"{path} {fields}")
    await browser.send("/me/link", address=MAIL)
    look("mailed")
    await browser.send("/me/link", form="x")
    look("foreign")
    return found


@pytest.mark.usefixtures("_pseudo")
async def test_a_mail_is_in_the_language_of_the_page(my_pages):
    await my_pages.signed_in()
    async with my_pages.store.write() as unit:
        await unit.people.ensure(ANN_BY_MAIL, "en")
    browser = my_pages.browser()
    browser.client.headers["accept-language"] = LOCALE
    await browser.open("/me")
    await browser.send("/me/link", address=MAIL)
    (mail,) = my_pages.server.mails
    assert "⟦Sign in to Paperwire⟧" in mail.part("plain")


@pytest.mark.usefixtures("_pseudo")
async def test_the_language_is_chosen_on_the_account_page_for_mails_too(my_pages):
    browser = await my_pages.signed_in()
    await browser.open("/me/account")
    sent = await browser.send("/me/account", do="language", language=LOCALE)
    assert f'<html lang="{LOCALE}">' in sent.text
    assert f'<option value="{LOCALE}" selected>' in sent.text
    async with my_pages.bot.store.read() as unit:
        assert (await unit.people.person_of(my_pages.bot.request(ANN).actor)).language == LOCALE
    await browser.send("/me/account", do="language", language="auto")
    async with my_pages.bot.store.read() as unit:
        assert not (await unit.people.person_of(my_pages.bot.request(ANN).actor)).language


@pytest.mark.usefixtures("_pseudo")
async def test_who_chose_a_language_in_a_chat_reads_the_pages_in_it(my_pages):
    await my_pages.bot.says(f"/language {LOCALE}")
    browser = await my_pages.signed_in()
    await browser.open("/me")
    assert f'<html lang="{LOCALE}">' in browser.answer.text
    own = my_pages.browser()
    own.client.headers["accept-language"] = "de"
    await own.client.get("/?lang=en")
    await own.sign_in(await my_pages.link())
    assert '<html lang="en">' in own.answer.text


async def test_words_of_another_language_are_named_in_english(my_pages):
    await my_pages.bot.record(paper(1, "Diffusion models for snakes"))
    await my_pages.bot.says("/subscribe Diffusionsmodelle")
    ann = await my_pages.signed_in()
    ann.client.headers["accept-language"] = "de"
    await ann.open("/me/subscriptions/1?lang=de")
    assert '"diffusion model"' in ann.words
