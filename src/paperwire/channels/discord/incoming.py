"""What a message in a private chat asks: its words, a forwarded post, links to papers, and the text of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import discord
import structlog

from paperwire.channels._conversation import decoded, is_readable, linked_papers
from paperwire.channels.discord.faults import TROUBLES, fault
from paperwire.channels.discord.rights import KIND
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request

log = structlog.get_logger(__name__)

_TYPED = re.compile(r"/(?P<name>[A-Za-z]+)(?:\s+(?P<args>.*))?", re.ASCII | re.DOTALL)


def read(message: discord.Message, channel: discord.DMChannel) -> tuple[Request, Sequence[discord.Attachment]]:
    """The request that a message in a private chat makes, and its files."""
    posts = message.message_snapshots
    typed = _TYPED.fullmatch(message.content)
    words = "\n".join([message.content, *(post.content for post in posts)]).strip()
    embeds = [*message.embeds, *(embed for post in posts for embed in post.embeds)]
    name = message.author.display_name
    request = Request(
        actor=Actor(channel=KIND, user_id=str(message.author.id), name=name),
        place=Place(channel=KIND, address=str(channel.id), kind="private", title=name),
        can_manage=True,
        command=typed["name"] if typed else "",
        args=(typed["args"] or "").strip() if typed else words,
        attached=linked_papers(text for embed in embeds for text in _texts(embed)),
    )
    return request, [*message.attachments, *(file for post in posts for file in post.attachments)]


def _texts(embed: discord.Embed) -> Iterator[str]:
    """The address and texts of an embed, in which links stand as markdown."""
    yield from filter(None, (embed.url, embed.title, embed.description))
    yield from (field.value for field in embed.fields if field.value)


async def with_files(request: Request, files: Sequence[discord.Attachment]) -> Request:
    """The request with the text of the first file that came with it, or with its name if it can't be read."""
    for file in files[:1]:
        if not is_readable(file.filename, file.size):
            return replace(request, unread=file.filename)
        try:
            text = decoded(await file.read())
        except TROUBLES as error:
            log.warning("discord file not read", reason=str(fault(error)))
            text = None
        if text is None:
            return replace(request, unread=file.filename)
        return replace(request, attached=f"{request.attached}\n{text}".strip())
    return request
