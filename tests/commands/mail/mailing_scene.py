"""Addresses, the links in mails, and what a mailbox gets."""

import re

from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Actor, Place
from paperwire.services.accounts import opt_in
from paperwire.services.subscriptions.leave import leave_button

ANN = "ann@example.org"
BOX = Place(channel="email", address=ANN, kind="mailbox")
LINK = re.compile(r"https://papers\.example\.org/subscribe/(\S+)")


def token_in(mail):
    return LINK.search(mail.part("plain"))[1]


async def confirmed(bot, smtp_server, text, **where):
    reply = await bot.says(text, **where)
    return reply, await opt_in.confirm(bot.context, token_in(smtp_server.mails[-1]))


async def linked(bot, smtp_server, who="1"):
    """An address that papers go to, and that is joined with the chat's account as `/link` does it."""
    reply = await confirmed(bot, smtp_server, f"/email {ANN} trending", who=who)
    async with bot.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=who))
        await unit.people.link(Actor(channel="email", user_id=ANN), person.number)
    return reply


def delivery_of(bot, words=None):
    secret, url = bot.context.secret_key, bot.context.public_url
    return Delivery(
        bot.store,
        bot.context.channels,
        owner="test",
        now=bot.clock,
        hold=Hold(bot.store),
        leave=lambda place: leave_button(secret, url, place),
        words=words,
    )


async def box(bot):
    async with bot.store.read() as unit:
        place = await unit.places.at(BOX)
        return place, (await unit.subscriptions.of_place(place.number) if place else [])
