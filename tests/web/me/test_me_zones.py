"""Times on the pages of somebody who is signed in."""

from me_world import ANN

from paperwire.ports.callers import Actor


async def test_times_on_pages_name_their_zone_or_lead_to_where_it_is_chosen(my_pages):
    ann = await my_pages.signed_in()
    await my_pages.bot.says("/subscribe diffusion")
    async with my_pages.store.write() as unit:  # as a time that was set on a page
        person = await unit.people.person_of(Actor(channel="telegram", user_id=ANN))
        (one,) = await unit.subscriptions.of_person(person.number)
        await unit.subscriptions.edit(one.number, cadence="daily 08:00")
    await ann.open(f"/me/subscriptions/{one.number}")
    assert "every day at 08:00 (UTC)" in ann.words
    assert "Times are in UTC. Choose your time zone" in ann.words
    (place,) = one.destinations
    await ann.open(f"/me/places/{place}")
    assert "In the chat: /settings" in ann.words
    assert "empty for none (UTC)" in ann.words
    await ann.do(f"/me/places/{place}", "digest", when="instant", zone="Europe/Berlin")
    await ann.open(f"/me/subscriptions/{one.number}")
    assert "every day at 08:00 (Europe/Berlin)" in ann.words
    assert "Choose your time zone" not in ann.words
