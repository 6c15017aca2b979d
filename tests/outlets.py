"""A web application with every kind of outlet, each a server on loopback."""

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import SecretStr

from chats import chat_of
from paperwire.channels import discord, email, ntfy, telegram
from paperwire.channels.webhook import WebhookChannel
from paperwire.core.health import Health
from paperwire.services.context import Context
from paperwire.web.site import WebDeps
from servers.direct import DIRECT
from servers.discord import TOKEN as DISCORD_TOKEN
from servers.discord import DiscordServer
from servers.hook import HookServer, Network
from servers.ntfy import NtfyServer
from servers.smtp import MailServer
from servers.telegram import TelegramServer

SECRET = b"k" * 32
HOOK = "http://93.184.216.34/hook"


@dataclass
class Outlets:
    """The servers, the channels that lead to them, and what commands and pages work with."""

    mail: MailServer
    ntfy: NtfyServer
    hook: HookServer
    telegram: TelegramServer
    discord: DiscordServer
    context: Context
    deps: WebDeps

    def link_in(self, kind: str, to: str) -> str:
        """The link to confirm in the last message to an address."""
        texts = {
            "email": lambda: self.mail.mails[-1].part("plain"),
            "ntfy": lambda: self.ntfy.texts(to)[-1],
            "webhook": lambda: "\n".join(self.hook.deliveries[-1].json["head"]),
        }
        return next(word for word in texts[kind]().split() if "/subscribe/" in word)


async def _none(_: Any) -> None:
    return None


async def _told() -> Health:
    return Health()


async def _ready() -> tuple[str, ...]:
    return ()


@asynccontextmanager
async def outlets(store, clock, public_url):
    """All outlets, for a site at that address."""
    async with AsyncExitStack() as stack:
        mail, phone, hook, chat, guilds = [
            await stack.enter_async_context(one)
            for one in (MailServer(), NtfyServer(), HookServer(), TelegramServer(), DiscordServer())
        ]
        known = {"network": DIRECT, "now": clock, "public_url": public_url}
        built = [
            telegram.build(telegram.Options(token=SecretStr(chat.token), api_url=chat.url), **known),
            discord.build(discord.Options(token=SecretStr(DISCORD_TOKEN), api_url=guilds.url), **known),
            email.build(email.Options(smtp_url=SecretStr(mail.url), from_address="news@papers.example.org"), **known),
            WebhookChannel(network=DIRECT, now=clock, transport=Network(hook.port)),
            ntfy.build(ntfy.Options(server=phone.url), **known),
        ]
        for channel in built:
            stack.push_async_callback(channel.close)
        context = chat_of(
            store=store,
            secret_key=SECRET,
            public_url=public_url,
            followed=("cs.CV", "cs.LG"),
            channels={channel.kind: channel for channel in built},
            lookup=_none,
            lookup_many=_none,
            now=clock,
        )
        deps = WebDeps(
            authority="papers.example.org",
            minted=date(2026, 1, 1),
            health=_told,
            unready=_ready,
            context=context,
        )
        yield Outlets(mail, phone, hook, chat, guilds, context, deps)
