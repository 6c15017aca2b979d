"""Sound and threads of a place on the page of a person."""

import re

from me_world import ANN, GROUP

from paperwire.ports.callers import Place


async def stored_at(my_pages, place):
    async with my_pages.store.read() as unit:
        return await unit.places.at(place)


async def test_the_sound_of_subscriptions_is_shown_and_changed(my_pages):
    await my_pages.bot.says("/subscribe lora")
    ann = await my_pages.signed_in()
    place = await stored_at(my_pages, Place(channel="telegram", address=ANN, kind="private"))
    path = f"/me/places/{place.number}"
    await ann.open(path)
    assert "lora: with sound" in ann.words
    assert "Threads" not in ann.words  # a private chat has none
    number = re.search(r'name="subscription" value="(\d+)"', ann.answer.text)[1]
    await ann.send(path, do="silence", subscription=number)
    assert "Its papers come without a sound." in ann.words
    assert "lora: without sound" in ann.words
    await ann.send(path, do="sound", subscription=number)
    assert "lora: with sound" in ann.words


async def test_threads_are_shown_and_changed_where_they_can_be_opened(my_pages):
    telegram = my_pages.context.channels["telegram"]
    telegram.managed["-100"] = GROUP, {ANN}
    await my_pages.bot.says("/subscribe diffusion", place=GROUP)
    ann = await my_pages.signed_in()
    path = f"/me/places/{(await stored_at(my_pages, GROUP)).number}"
    await ann.open(path)
    assert "open no threads" not in ann.words
    telegram.threaded = frozenset({"group"})
    await ann.open(path)
    assert "Announcements open no threads." in ann.words
    await ann.send(path, do="threads", threads="on")
    assert "Each announcement opens a thread for its discussion." in ann.words
    assert (await stored_at(my_pages, GROUP)).threads == "on"
    await ann.send(path, do="threads", threads="off")
    assert not (await stored_at(my_pages, GROUP)).threads
