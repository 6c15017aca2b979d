"""`/me`: a link that signs its reader in on the pages."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button
from paperwire.ports.requests import CommandSpec, Reply, Request, in_chats
from paperwire.services.accounts.sign_in import link_for
from paperwire.texts import gettext_noop
from paperwire.wording.links import only_here

# Translators: of /me: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "me",
    gettext_noop("Manage your subscriptions, places and saved papers on a web page: a link that signs you in"),
    private=True,
    where=in_chats(needs="pages"),
    examples=(
        ("/me", gettext_noop("a link that signs you in, once")),
        ("/export", gettext_noop("the same data as a file")),
    ),
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/me`: the link, shown to the person who asks alone."""
    texts = request.texts
    url = await link_for(context, request)
    return say(
        texts.gettext("Your page: subscriptions, chats, saved papers, feeds and your data."),
        texts.gettext("The link signs you in. It works once, for 15 minutes. Don't pass it on."),
        only_here(context.public_url, 1, texts),
        buttons=[[Button(texts.gettext("Open my page"), url=url)]],
        private=True,
    )


COMMANDS = (Command(SPEC, answer),)
