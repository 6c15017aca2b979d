"""A bot that can also send mail."""

import pytest
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from servers.direct import DIRECT
from servers.smtp import MailServer


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture
async def mailing(bot, smtp_server):
    options = Options(smtp_url=SecretStr(smtp_server.url), from_address="news@papers.example.org")
    bot.context.channels["email"] = build(
        options, network=DIRECT, now=bot.clock, public_url="https://papers.example.org"
    )
    yield bot
    await bot.context.channels["email"].close()
