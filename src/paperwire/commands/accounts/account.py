"""`/export`, `/forget` and `/link`: what is stored about a person, and their accounts on several channels."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Actor, Caller
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.access import name_of
from paperwire.services.accounts.belongings import belongings_of, export, export_file, forget
from paperwire.services.accounts.feed import feed_list
from paperwire.services.accounts.link import accounts_of, both_holdings, join, link_code, unlink
from paperwire.services.subscriptions.imports import list_file
from paperwire.services.typed import StaleButton, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.belongings import belonging_lines, unlinking

# Translators: of /export: what it does and takes (at most 100 characters; typed words stay English), examples.
EXPORT = CommandSpec(
    "export",
    gettext_noop("Everything stored about you, as a file"),
    private=True,
    examples=(
        ("/export", gettext_noop("subscriptions, chats, saved papers and settings")),
        ("/saved bibtex", gettext_noop("your saved papers alone, for LaTeX")),
    ),
)
# Translators: of /forget: what it does and takes (at most 100 characters; typed words stay English), examples.
FORGET = CommandSpec(
    "forget",
    gettext_noop("Delete everything stored about you"),
    private=True,
    examples=(
        ("/forget", gettext_noop("says what is deleted, and asks first")),
        ("/export", gettext_noop("keeps a copy before that")),
    ),
)
_YES = "yes"
_UNLINK_YES = "yes:"
# Translators: of /link: what it does and takes (at most 100 characters; typed words stay English), examples.
LINK = CommandSpec(
    "link",
    gettext_noop("Link this account with yours on another channel"),
    (Argument("query", gettext_noop("code: what /link gave you on the other channel"), required=False),),
    private=True,
    examples=(
        ("/link", gettext_noop("gives a code; sent by the other account, it links both")),
        ("/export", gettext_noop("what is stored about you, of all linked accounts")),
    ),
)
NEW_LINKS = gettext_noop("The old links of your private feeds no longer work. Your other accounts have new ones: /feed")
_MOST_SHOWN, _LONGEST_LABEL = 5, 50


async def answer_export(context: Chat, request: Request) -> Reply:
    """`/export`."""
    stored = await export(context.store, request.actor)
    if not stored:
        return say(request.texts.gettext("Nothing is stored about you."), private=True)
    files = [export_file(stored), await list_file(context, request.actor), await feed_list(context, request)]
    return say(request.texts.gettext("Everything stored about you:"), files=list(filter(None, files)), private=True)


# --- /forget -----------------------------------------------------------------------------------------------------


async def answer_forget(context: Chat, request: Request) -> Reply:
    """`/forget`: names what is deleted and what stays, and asks first."""
    texts = request.texts
    owned = await belongings_of(context.store, request.actor)
    if owned is None:
        await forget(context.store, request.actor)  # what is kept for buttons
        return replace(say(texts.gettext("Nothing is stored about you."), private=True), forgets=True)
    question = texts.gettext("Delete everything stored about you? This can't be undone.")
    yes = Button(texts.gettext("Yes, delete everything"), f"forget:{_YES}")
    return say(
        question,
        *belonging_lines(owned, texts),
        # Translators: a button, next to "Yes, …".
        buttons=[[yes, Button(texts.gettext("No"), "forget:no")]],
        private=True,
    )


async def press_forget(context: Chat, request: Request, part: str) -> Reply:
    """The answer to the question: `forget:yes` deletes at once."""
    if part != _YES:
        return say(request.texts.gettext("Nothing was deleted."), private=True, edit=True)
    await forget(context.store, request.actor)
    text = request.texts.gettext("Everything about you has been deleted.")
    return replace(say(text, private=True, edit=True), forgets=True)


# --- /link -------------------------------------------------------------------------------------------------------


async def answer_link(context: Chat, request: Request) -> Reply:
    """`/link` gives a code for 15 minutes; `/link CODE` from another account links it with the first."""
    if code := unquoted(request.args):
        return await ask_to_link(context, request, code)
    texts = request.texts
    how = texts.gettext("To link another account with this one, send this from it within 15 minutes:")
    code = await link_code(context, request)
    accounts, shared = await accounts_of(context, request)
    # Translators: %(holdings)s is a list such as "3 subscriptions, 12 saved papers".
    warning = texts.gettext(
        "An account that you link will see and can change all of this: %(holdings)s.", holdings=shared
    )
    others = [account for account in accounts if name_of(account) != name_of(request.actor)]
    buttons = [[_unlink_button(context, account, request.texts)] for account in others[:_MOST_SHOWN]]
    return say(texts.sentences(warning, how), (Span(f"/link {code}", "code"),), buttons=buttons, private=True)


def _unlink_button(context: Chat, account: Actor, texts: Texts) -> Button:
    name = name_of(account)
    # Translators: a button; %(account)s is an account such as telegram:123.
    label = texts.gettext("Unlink %(account)s", account=clean(name, _LONGEST_LABEL))
    return Button(label, context.long_texts.action("unlink:", name))


async def ask_to_link(context: Chat, caller: Caller, code: str) -> Reply:
    """Ask before linking: the code, or a link with it, may have been sent by another person."""
    texts = caller.texts
    given, own = await both_holdings(context, caller, code)
    question = texts.gettext("Link this account with another account? This would be one:")
    lines = (
        # Translators: a line about one of two accounts: %(holdings)s is "3 subscriptions, 12 saved papers".
        texts.gettext("• the other account: %(holdings)s", holdings=given),
        # Translators: a line about one of two accounts: %(holdings)s is "3 subscriptions, 12 saved papers".
        texts.gettext("• this account: %(holdings)s", holdings=own),
    )
    warning = texts.gettext(
        "The user of either will see and can change all of it. Confirm only if you sent /link yourself just now."
    )
    yes = Button(texts.gettext("Yes, link them"), f"join:{code}")
    return say(question, *lines, warning, buttons=[[yes, Button(texts.gettext("No"), "join:")]], private=True)


async def press_join(context: Chat, request: Request, part: str) -> Reply:
    """The answer to the question: `join:CODE` makes this account one more of the person who was given the code."""
    texts = request.texts
    if not part:
        return say(texts.gettext("Nothing was linked."), private=True, edit=True)
    if not await join(context, request, part):
        return say(texts.gettext("This account is already linked."), private=True, edit=True)
    return say(texts.gettext("Linked: both accounts are the same person now."), private=True, edit=True)


async def press_unlink(context: Chat, request: Request, part: str) -> Reply:
    """Ask before an account is unlinked: `unlink:CHANNEL:USER`; `unlink:yes:CHANNEL:USER` does it, `unlink:` no."""
    texts = request.texts
    if not part:
        return say(texts.gettext("Nothing was unlinked."), private=True, edit=True)
    account = context.long_texts.text(part.removeprefix(_UNLINK_YES))
    if account is None:
        raise StaleButton
    if part.startswith(_UNLINK_YES):
        gone = await unlink(context, request, account)
        name = clean(name_of(gone.account), 200)
        # Translators: %(account)s is an account by its name and its channel.
        text = texts.gettext("Unlinked: %(account)s", account=name)
        return say(text, texts.gettext(NEW_LINKS) if gone.has_new_links else "", private=True, edit=True)
    yes = Button(texts.gettext("Yes, unlink it"), context.long_texts.action(f"unlink:{_UNLINK_YES}", account))
    return say(
        # Translators: %(account)s is an account by its name and its channel.
        texts.gettext("Unlink %(account)s?", account=clean(account, 200)),
        unlinking(texts),
        buttons=[[yes, Button(texts.gettext("No"), "unlink:")]],
        private=True,
    )


COMMANDS = (
    Command(EXPORT, answer_export),
    Command(FORGET, answer_forget, {"forget": press_forget}),
    Command(LINK, answer_link, {"join": press_join, "unlink": press_unlink}),
)
