"""Discord: private chats, channels, threads and forum posts, through one bot."""

from __future__ import annotations

from typing import ClassVar

from paperwire.network import Network
from paperwire.ports.channels import Conversation, label_channel
from paperwire.ports.options import BotOptions, Now, WebAddress

label_channel("discord", "Discord")


class Options(BotOptions):
    """`[channels.discord]`: `token` is from the Discord developer portal; the gateway's address comes from the API."""

    role: ClassVar[str] = "discord"
    api_url: WebAddress = "https://discord.com/api/v10"


def build(
    options: Options,
    *,
    network: Network,
    now: Now,
    public_url: str,  # noqa: ARG001 -- what every channel is given
) -> Conversation:
    from paperwire.channels.discord.channel import DiscordChannel  # noqa: PLC0415 -- the library loads slowly

    return DiscordChannel(options.token.get_secret_value(), network=network, now=now, api_url=options.api_url)
