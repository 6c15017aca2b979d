"""One paper as a message, and the channel that sends it to a mail server."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Gone, Rejected, Retry, Unknown
from servers.direct import DIRECT

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
NAME = "1f-" + "a2b3c4d5" * 3
LEAVE = Button("Unsubscribe", url=f"https://papers.example.org/u/{NAME}")
PAPER = Item(
    "On <diffusion> & “Ω”",
    "https://arxiv.org/abs/2501.00001",
    ((Span("A. Smith"), Span(" · "), Span("cs.AI", "code")),),
    "We show it.",
)
ONE = Message(
    items=(PAPER,),
    buttons=((Button("PDF", url="https://arxiv.org/pdf/2501.00001"), Button("Save", "save:1")),),
    key="0123456789abcdef012345678",
    leave=LEAVE,
)
ANN = "ann@example.org"


class Times:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def channel_of(smtp_server, *, now=lambda: NOW, public_url="https://papers.example.org", url=None, **options):
    given = {"smtp_url": SecretStr(url or smtp_server.url), "from_address": "news@papers.example.org", **options}
    return build(Options(**given), network=DIRECT, now=now, public_url=public_url)


async def failing(channel, message=ONE, to=ANN):
    with pytest.raises((Gone, Rejected, Retry, Unknown)) as caught:
        await channel.send(to, message)
    return caught.value
