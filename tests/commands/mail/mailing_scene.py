"""Addresses, the links in mails, and what a mailbox gets."""

import re

from paperwire.commands import opt_in
from paperwire.commands.leave import leave_button
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.ports.requests import Place

ANN = "ann@example.org"
BOX = Place(channel="email", address=ANN, kind="mailbox")
LINK = re.compile(r"https://papers\.example\.org/subscribe/(\S+)")


def token_in(mail):
    return LINK.search(mail.part("plain"))[1]


async def confirmed(bot, server, text, **where):
    reply = await bot.says(text, **where)
    return reply, await opt_in.confirm(bot.context, token_in(server.mails[-1]))


def delivery_of(bot):
    secret, url = bot.context.secret_key, bot.context.public_url
    return Delivery(
        bot.store,
        bot.context.channels,
        owner="test",
        now=bot.clock,
        hold=Hold(bot.store),
        leave=lambda place: leave_button(secret, url, place),
    )


async def box(bot):
    async with bot.store.read() as unit:
        place = await unit.people.destination_of(BOX)
        return place, (await unit.subscriptions.of_destination(place.number) if place else [])
