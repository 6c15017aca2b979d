"""Pages and mails on a phone: text of twice the size fits, no line is squeezed, and a double click presses once."""

import pytest
from chromium import FOUND, Chromium
from test_browser import MINE, PAGES, opened, site
from test_reading_week import key, until

from paperwire import languages
from paperwire.channels.email.envelope import parts
from paperwire.core.messages.message import Item, Message, Span

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not FOUND, reason="no Chromium is here: apt-get install chromium, or set CHROMIUM"),
]
__all__ = ["site"]  # a fixture
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BEGINNING = "document.querySelector('.tools .count').clientWidth / document.querySelector('.tools').clientWidth"


async def test_text_of_twice_the_size_fits_on_a_phone(site, tmp_path):
    async with opened(site, tmp_path, width=375) as page:
        for name in ("day", "titles", "trending", "results", "mistake", "paper", "status", "by mail", "sign in"):
            await page.open(site.url + PAGES[name])
            await page.run("document.documentElement.style.fontSize = '200%'")
            assert await page.run(WIDER) <= 0, name


@pytest.mark.parametrize("language", ["en", *languages.translated()])
async def test_the_pages_in_the_head_stand_in_even_lines(site, tmp_path, language):
    links = "[...document.querySelectorAll('.top nav a')].map(e => e.getBoundingClientRect())"
    async with opened(site, tmp_path, width=320) as page:
        for width in (320, 375):
            size = {"width": width, "height": 600, "deviceScaleFactor": 1, "mobile": False}
            await page.ask("Emulation.setDeviceMetricsOverride", **size)
            await page.open(f"{site.url}/search?lang={language}")
            tops = await page.run(f"{links}.map(r => r.top)")
            assert {tops.count(top) for top in tops} in ({2}, {4}), width
            assert await page.run(f"{links}.every(r => r.height >= 24 && r.left >= 0 && r.right <= innerWidth)")
            assert await page.run(WIDER) <= 0


async def test_tabs_of_twice_the_size_fit_on_a_phone(site, tmp_path):
    async with opened(site, tmp_path, width=375) as page:
        await site.sign_in(page)
        await page.open(site.url + MINE["my places"])
        await page.run("document.documentElement.style.fontSize = '200%'")
        assert await page.run(WIDER) <= 0


async def test_what_is_pressed_is_not_printed(site, tmp_path):
    async with opened(site, tmp_path) as page:
        await site.sign_in(page)
        await page.ask("Emulation.setEmulatedMedia", media="print")
        for name in ("paper", "results", "day"):
            await page.open(site.url + PAGES[name])
            pressed = "[...document.querySelectorAll('nav, button, input, .acts')].filter(e => e.checkVisibility())"
            assert await page.run(f"{pressed}.length") == 0, name
            assert await page.run("document.querySelector('h1').checkVisibility()")


async def test_what_is_said_of_a_list_has_a_line_of_its_own(site, tmp_path):
    async with opened(site, tmp_path, width=412) as page:
        await page.open(site.url + PAGES["trending"])
        assert await page.run(BEGINNING) > 0.9


async def test_fields_are_as_wide_as_their_page(site, tmp_path):
    async with opened(site, tmp_path, width=375) as page:
        await site.sign_in(page)
        for name in ("import", "my account"):
            await page.open(site.url + MINE[name])
            narrow = "[...document.querySelectorAll('main :is(textarea, select)')].filter(e => e.clientWidth < 300)"
            assert await page.run(f"{narrow}.length") == 0, name


async def test_pages_fit_on_the_narrowest_phone(site, tmp_path):
    async with opened(site, tmp_path, width=320) as page:
        await page.open(site.url + PAGES["link with a mistake"])
        assert await page.run(WIDER) <= 0
        await site.sign_in(page)
        await page.open(site.url + MINE["import"])
        assert await page.run(WIDER) <= 0


async def test_what_a_button_means_hangs_next_to_it(site, tmp_path):
    texts = """[...document.querySelectorAll('form.sheet label > :is([type=radio], [type=checkbox])')].map(e => {
        const range = document.createRange();
        range.selectNodeContents(e.parentElement);
        range.setStartAfter(e);
        const right = e.getBoundingClientRect().right;
        return [...range.getClientRects()].every(r => r.width < 2 || r.left >= right); })"""
    async with opened(site, tmp_path, width=375) as page:
        await page.open(site.url + PAGES["by ntfy"])
        choices = await page.run(texts)
        assert len(choices) == 5
        assert all(choices)
        await site.sign_in(page)
        await page.open(site.url + MINE["my group"])
        assert all(await page.run(texts))


async def test_fields_of_a_day_and_a_time_are_as_wide_as_what_they_hold(site, tmp_path):
    async with opened(site, tmp_path, width=1280) as page:
        await page.open(site.url + PAGES["by ntfy"])
        widths = await page.run("[...document.querySelectorAll('fieldset select')].map(e => e.clientWidth)")
        assert len(widths) == 2
        assert max(widths) < 250


async def test_what_can_be_given_to_the_api_is_readable_on_a_phone(site, tmp_path):
    async with opened(site, tmp_path, width=375) as page:
        await page.open(site.url + PAGES["api"])
        narrow = "[...document.querySelectorAll('.call td')].filter(e => e.clientWidth < 300)"
        assert await page.run(f"{narrow}.length") == 0


async def test_what_is_wrong_with_a_query_stands_below_its_field(site, tmp_path):
    async with opened(site, tmp_path, width=375) as page:
        await page.open(site.url + PAGES["mistake"])
        field, error = [
            await page.run(f"(r => [r.top, r.bottom])(document.querySelector('{one}').getBoundingClientRect())")
            for one in ("form.wide", ".error")
        ]
        assert 0 <= error[0] - field[1] < 40


async def click(page, script, *, again=False):
    """Click an element with the mouse, once or as the second click of a double click."""
    await page.run(f"{script}.scrollIntoView({{block: 'center'}})")
    where = await page.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({script}.getBoundingClientRect())")
    point = {"x": where[0], "y": where[1], "button": "left", "clickCount": 1 + again}
    for kind in ("mousePressed", "mouseReleased"):
        await page.ask("Input.dispatchMouseEvent", type=kind, **point)


async def test_the_second_click_of_a_double_click_undoes_nothing(site, tmp_path):
    async with opened(site, tmp_path) as page:
        await site.sign_in(page)
        await page.open(f"{site.url}/search?q=snakes")
        await click(page, "document.querySelector('#follow button')")
        await until(page, "document.querySelector('#follow').innerText.includes('Subscribed.')")
        await page.run("addEventListener('click', event => { window.refused = event.defaultPrevented; })")
        for again in (True, False):
            await click(page, "document.querySelector('#follow button')", again=again)
            assert await page.run("window.refused") is again
        await until(page, "document.querySelector('#follow').innerText.includes('Unsubscribed.')")


async def test_who_subscribes_again_is_led_to_what_there_is(site, tmp_path):
    async with opened(site, tmp_path, scripts=False) as page:
        await site.sign_in(page)
        for words in ("Subscribed.", "You're already subscribed to this."):
            await page.open(f"{site.url}/search?q=snakes")
            await page.loading(page.run("document.querySelector('button[value=subscribe]').click()"))
            assert words in await page.run("document.querySelector('#follow').innerText")
        await page.loading(page.run("document.querySelector('#follow a').click()"))
        assert "snakes" in await page.run("document.querySelector('main').innerText")


async def test_keys_lead_through_a_list_of_titles(site, tmp_path):
    async with opened(site, tmp_path) as page:
        await page.open(site.url + PAGES["titles"])
        await key(page, "j")
        await page.until_focused("e.closest('.paper')")
        await page.loading(key(page, "o"))
        assert "/papers/" in await page.run("location.pathname")


async def test_a_mail_with_a_word_as_long_as_a_secret_link_fits_on_a_phone(tmp_path):
    address = "https://papers.example.org/never/" + "a2b3c4d5" * 12
    item = Item("Unbroken" * 16, "https://arxiv.org/abs/2501.00001", ((Span(address, url=address),),), "Abstract" * 30)
    for message in (Message(head=((Span(address, url=address),),)), Message(items=(item,) * 16)):
        mail = tmp_path / "mail.html"
        mail.write_text(parts(message).html)
        async with Chromium(tmp_path) as browser:
            page = await browser.page(width=375)
            await page.open(mail.as_uri())
            assert await page.run(WIDER) <= 0
