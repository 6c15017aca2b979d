"""Subscriptions as links that another person or place takes over: the query, name, occasions and when."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass, replace
from hashlib import blake2b
from urllib.parse import urlencode

from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.messages.plain import without_links
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.ports.callers import Caller
from paperwire.ports.channels import ChatInvitation, Inviting
from paperwire.services.accounts.start import invited_query, short_code
from paperwire.services.context import Context
from paperwire.services.subscriptions.imports import list_line, options_of
from paperwire.services.subscriptions.subscriptions import SubscriptionDraft, read_draft

_KEPT = "share-"
_KEY = re.compile(rf"{_KEPT}[\w-]{{16}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """The words after `/subscribe`, links into the chats and groups of each channel, and the address of the page."""

    words: str
    chats: tuple[tuple[str, str, str], ...]
    page: str


async def share(context: Context, caller: Caller, subscription: Subscription) -> SharedLinks:
    """How others take a subscription over. A list has no page and no preview, so it is shared as words alone."""
    words = list_line(subscription)
    if parse(subscription.text).list:
        return SharedLinks(words, (), "")
    channels = [channel for channel in context.channels.values() if isinstance(channel, Inviting)]
    invitations = await asyncio.gather(*(channel.invitation(caller.texts) for channel in channels))
    code = await _code(context, caller, words)
    chats = [
        (invitation.name, f"{invitation.start_url}{code}", f"{invitation.group_url}{code}")
        for invitation in invitations
        if isinstance(invitation, ChatInvitation) and invitation.start_url
    ]
    fields = {"q": subscription.text, "name": subscription.name, "when": subscription.cadence}
    if subscription.occasions != ARRIVAL:
        fields["occasions"] = ",".join(sorted(subscription.occasions))
    query = urlencode({name: value for name, value in fields.items() if value})
    page = "subscribe" if channels else "search"  # which offers feeds
    return SharedLinks(words, tuple(chats), f"{context.public_url.rstrip('/')}/{page}?{query}")


async def _code(context: Context, caller: Caller, words: str) -> str:
    """What a link into a chat carries: the words themselves, or a key by which they are kept for everyone.

    Kept words are forgotten a month after they were shared or opened last.
    """
    if code := short_code(context, words):
        return code
    digest = blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).digest()
    code = _KEPT + base64.urlsafe_b64encode(digest).decode("ascii")
    await _keep(context, caller, code, words)
    return code


async def _keep(context: Context, caller: Caller, code: str, words: str) -> None:
    async with context.store.write() as unit:
        await unit.chat_memory.keep_texts(caller.actor, {code: words})


async def invited_draft(context: Context, caller: Caller, code: str) -> SubscriptionDraft | None:
    """What a link into a chat asks for; None if neither a page nor `/subscriptions` made it, or too long ago.

    Anyone may have made it, so it names no place and no role, and its texts have no address to make a link of.
    """
    words = await invited_query(context, code, caller.texts)
    if words is None and _KEY.fullmatch(code):
        async with context.store.read() as unit:
            words = await unit.chat_memory.text(code)
        if words is not None:
            await _keep(context, caller, code, words)
    if words is None:
        return None
    draft = replace(read_draft(words, {}, caller.texts), to="", mention="")
    draft = replace(draft, text=without_links(draft.text), name=without_links(draft.name))
    return replace(draft, options=options_of(draft.name, draft.cadence, draft.occasions))
