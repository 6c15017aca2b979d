"""`/link`: make accounts on several channels one person."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Actor, Caller
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.link import holdings, join, link_code, person_of_code, unlink
from paperwire.services.typed import StaleButton, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.accounts import unlinking

SPEC = CommandSpec(
    "link",
    gettext_noop("Link this account with yours on another channel"),
    (Argument("query", gettext_noop("the code that /link gave you on the other channel"), required=False),),
    private=True,
)
NEW_LINKS = gettext_noop("The old links of your private feeds no longer work. Your other accounts have new ones: /feed")
_YES = "yes:"
_MOST_SHOWN, _LONGEST_LABEL = 5, 50


async def answer(context: Chat, request: Request) -> Reply:
    """`/link` gives a code for 15 minutes; `/link CODE` from another account links it with the first."""
    if code := unquoted(request.args):
        return await ask_to_link(context, request, code)
    texts = request.texts
    how = texts.gettext("To link another account with this one, send this from it within 15 minutes:")
    code = await link_code(context, request)
    async with context.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        accounts = await unit.people.accounts(person.number) if person else []
        shared = await holdings(unit, person.number, texts) if person else ""
    warning = texts.gettext("That account will see and can change all of this: %(holdings)s.", holdings=shared)
    others = [
        account
        for account in accounts
        if (account.channel, account.user_id) != (request.actor.channel, request.actor.user_id)
    ]
    buttons = [[_unlink_button(context, account, request.texts)] for account in others[:_MOST_SHOWN]]
    return say(f"{warning} {how}", (Span(f"/link {code}", "code"),), buttons=buttons, private=True)


def _unlink_button(context: Chat, account: Actor, texts: Texts) -> Button:
    name = f"{account.channel}:{account.user_id}"
    label = texts.gettext("Unlink %(account)s", account=clean(name, _LONGEST_LABEL))
    return Button(label, context.recent.action("unlink:", name))


async def ask_to_link(context: Chat, caller: Caller, code: str) -> Reply:
    """Ask before linking: the code, or a link with it, may have been sent by someone else."""
    texts = caller.texts
    async with context.store.read() as unit:
        first = await person_of_code(context, unit, caller, code)
        person = await unit.people.person_of(caller.actor)
        other_holdings = await holdings(unit, first.number, texts)
        account = f"{caller.actor.channel}:{caller.actor.user_id}"
        yours = await holdings(unit, person.number, texts) if person else clean(account, _LONGEST_LABEL)
    question = texts.gettext("Link this account with another account? This would be one:")
    lines = (
        texts.gettext("• the other account: %(holdings)s", holdings=other_holdings),
        texts.gettext("• this account: %(holdings)s", holdings=yours),
    )
    warning = texts.gettext(
        "The user of either will see and can change all of it. Confirm only if you sent /link yourself just now."
    )
    yes = Button(texts.gettext("Yes, link them"), f"join:{code}")
    return say(question, *lines, warning, buttons=[[yes, Button(texts.gettext("No"), "join:")]], private=True)


async def press(context: Chat, request: Request, part: str) -> Reply:
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
    account = context.recent.text(part.removeprefix(_YES))
    if account is None:
        raise StaleButton
    if part.startswith(_YES):
        gone = await unlink(context, request, account)
        name = clean(f"{gone.account.channel}:{gone.account.user_id}", 200)
        text = texts.gettext("Unlinked: %(account)s", account=name)
        return say(text, texts.gettext(NEW_LINKS) if gone.has_new_links else "", private=True, edit=True)
    yes = Button(texts.gettext("Yes, unlink it"), context.recent.action(f"unlink:{_YES}", account))
    return say(
        texts.gettext("Unlink %(account)s?", account=clean(account, 200)),
        unlinking(texts),
        buttons=[[yes, Button(texts.gettext("No"), "unlink:")]],
        private=True,
    )


COMMANDS = (Command(SPEC, answer, {"join": press, "unlink": press_unlink}),)
