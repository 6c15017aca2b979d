"""Telegram: private chats, groups, channels and forum topics, through one bot."""

from __future__ import annotations

from typing import ClassVar

from paperwire.network import Network
from paperwire.ports.channels import Conversation, label_channel
from paperwire.ports.options import BotOptions, Now, WebAddress

label_channel("telegram", "Telegram")


class Options(BotOptions):
    """`[channels.telegram]`: `token` is from @BotFather; with `webhook` Telegram posts updates to `public_url`."""

    role: ClassVar[str] = "telegram"
    api_url: WebAddress = "https://api.telegram.org"
    webhook: bool = False


def build(options: Options, *, network: Network, now: Now, public_url: str) -> Conversation:
    from paperwire.channels.telegram import channel  # noqa: PLC0415 -- the library loads slowly

    return channel.TelegramChannel(
        options.token.get_secret_value(),
        network=network,
        now=now,
        api_url=options.api_url,
        webhook_url=f"{public_url.rstrip('/')}{channel.WEBHOOK_PATH}" if options.webhook else "",
    )
