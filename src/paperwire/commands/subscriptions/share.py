"""A subscription as links and words by which another person or place takes it over."""

from __future__ import annotations

from paperwire.commands.context import Chat, say
from paperwire.core.messages.message import FIRST, Line, Span, styled
from paperwire.ports.requests import Reply, Request
from paperwire.services.accounts.share import share
from paperwire.services.people import seen


async def share_one(context: Chat, request: Request, part: str) -> Reply:
    """What others open or paste to take over a subscription: `share:N`."""
    texts = request.texts
    subscription = await seen(context, request, part)
    shared = await share(context, request, subscription)
    lines: list[Line] = []
    for channel, chat, group in shared.chats:
        in_chat = texts.gettext("In a chat on %(channel)s: %(link)s", channel=channel, link=FIRST)
        in_group = texts.gettext("In a group on %(channel)s: %(link)s", channel=channel, link=FIRST)
        lines += [styled(in_chat, _link(chat)), styled(in_group, _link(group))]
    if shared.page:  # a list has none
        lines.append(styled(texts.gettext("On the web: %(link)s", link=FIRST), _link(shared.page)))
    return say(
        # Translators: a heading; %(number)s is the number of a subscription.
        (Span(texts.gettext("Share #%(number)s", number=subscription.ordinal), "bold"),),
        texts.gettext(
            "A link shows a preview first and asks before anything is subscribed. Nothing about you is in it."
        ),
        *lines,
        styled(texts.gettext("As a command: %(command)s", command=FIRST), Span(f"/subscribe {shared.words}", "code")),
    )


def _link(address: str) -> Span:
    return Span(address, url=address)
