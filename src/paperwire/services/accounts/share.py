"""Links into chats and to pages that bring a query or a subscription along, for others to take over."""

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
from paperwire.core.tokens import number_token, read_number_token, read_text_token, text_token
from paperwire.ports.callers import Caller
from paperwire.ports.channels import START_ROOM, ChatInvitation, Inviting
from paperwire.ports.opt_ins import REMEMBERED
from paperwire.services.accounts.strangers import admit
from paperwire.services.context import Context
from paperwire.services.papers.trending import PASSES, trending_query
from paperwire.services.subscriptions.imports import list_line, options_of
from paperwire.services.subscriptions.subscriptions import SubscriptionDraft, read_draft
from paperwire.services.typed import read_query
from paperwire.texts import Texts

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


PURPOSE = "start"


def trending_code(window: str) -> str:
    """What a link carries for the trending papers of a `day` or a `week`."""
    return f"trending-{window}"


def short_code(context: Context, text: str) -> str:
    """What a link carries for a query that it has room for; empty for a longer one, which `kept_code` takes."""
    code = text_token(context.secret_key, PURPOSE, text)
    return code if len(code) <= START_ROOM else ""


async def invited_query(context: Context, code: str, texts: Texts) -> str | None:
    """The query of a link into a chat; None if no page made it, or too long ago."""
    for window in PASSES:
        if code == trending_code(window):
            return trending_query("", window, texts)[0]
    if (text := read_text_token(context.secret_key, PURPOSE, code)) is not None:
        return text
    number = read_number_token(context.secret_key, PURPOSE, code)
    if number is None:
        return None
    async with context.store.read() as unit:
        invitation = await unit.opt_ins.get(number)
    is_valid = invitation is not None and context.now() - invitation.created_at <= REMEMBERED
    return invitation.wanted["text"] if invitation is not None and is_valid else None


async def kept_code(context: Context, channel: str, text: str, *, client: str, texts: Texts) -> str:
    """What a link into a chat of that channel carries for any query: its number, kept for seven days.

    `client` is who asks, for the limits. Raises CommandError for a query that can't be read, or too many requests.
    """
    read_query(text, texts, lists=True)
    async with context.store.write() as unit:
        client = await admit(context, unit, client, texts)
        values = {"text": text}
        number = await unit.opt_ins.add(channel, "", client=client, person=0, locale=str(texts.locale), wanted=values)
    return number_token(context.secret_key, PURPOSE, number)
