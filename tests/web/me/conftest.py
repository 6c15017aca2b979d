"""A bot that talks on two channels and sends mail, and the pages."""

import pytest
from me_world import World
from pydantic import SecretStr

from chats import chat_of
from commands.commands_bot import Asker, Bot
from paperwire.channels.email import Options, build
from servers.direct import DIRECT
from servers.smtp import MailServer
from web_scene import SITE

NUMBERED = ("person", "destination", "subscription", "mute", "feed", "paper")


async def number_from_one(store):
    """On PostgreSQL an emptied table would go on counting where the last test stopped; pages name these numbers."""
    if store.file is None:
        async with store.write() as unit:
            for table in NUMBERED:
                restart = f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), 1, false)"
                await unit.connection.exec_driver_sql(restart)


@pytest.fixture
async def my_pages(store, clock, deps):
    await number_from_one(store)

    async def lookup(_):
        return None

    async def lookup_many(_):
        return {}

    async with MailServer() as server:
        options = Options(smtp_url=SecretStr(server.url), from_address="news@papers.example.org")
        mail = build(options, network=DIRECT, now=clock, public_url=SITE)
        context = chat_of(
            store=store,
            secret_key=b"k" * 32,
            public_url=SITE,
            followed=("cs.CL", "cs.CV"),
            channels={"telegram": Asker(), "discord": Asker(kind="discord"), "email": mail},
            lookup=lookup,
            lookup_many=lookup_many,
            now=clock,
            public_list=True,
        )
        my_pages = World(Bot(store, clock, context), deps, server)
        yield my_pages
        await my_pages.close()
        await mail.close()
