"""`/link`: make accounts on several channels one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, Context, StaleButton, say, unquoted
from paperwire.commands.feed import hashes
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.core.tokens import signed, unsign
from paperwire.errors import CommandError
from paperwire.ports.requests import Actor, Argument, Caller, CommandSpec, Reply, Request
from paperwire.texts import Texts, gettext_noop

if TYPE_CHECKING:
    from paperwire.core.subscriptions.subscription import Person
    from paperwire.store.unit import Unit

SPEC = CommandSpec(
    "link",
    gettext_noop("Link this account with yours on another channel"),
    (Argument("query", gettext_noop("the code that /link gave you on the other channel"), required=False),),
    private=True,
)
PURPOSE = "link"
LASTS = timedelta(minutes=15)
NEW_LINKS = gettext_noop("The old links of your private feeds no longer work. Your other accounts have new ones: /feed")
_YES = "yes:"
_MOST_SHOWN, _LONGEST_LABEL = 5, 50


async def link_code(context: Context, caller: Caller) -> str:
    """A code that links another account with the caller's."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
    return signed(context.secret_key, PURPOSE, str(person.number), context.now() + LASTS)


@dataclass(frozen=True, slots=True)
class Unlinked:
    """An account that was parted from others, and whether feeds of theirs have new links because of it."""

    account: Actor
    has_new_links: bool


async def unlink(context: Context, caller: Caller, account: str) -> Unlinked:
    """Part an account (`CHANNEL:USER`) from the caller's others, and sign out browsers that it signed in.

    Raises CommandError if it isn't the caller's, or the only one.
    """
    channel, _, user_id = account.partition(":")
    actor = Actor(channel=channel, user_id=user_id)
    async with context.store.write() as unit:
        person = await unit.people.person_of(caller.actor)
        theirs = await unit.people.accounts(person.number) if person else []
        if person is None or actor not in theirs:
            raise CommandError(caller.texts.gettext("This account isn't linked with yours."))
        renewed = await unit.people.unlink(person.number, actor, hashes(context))
        if renewed is None:
            raise CommandError(caller.texts.gettext("This is your only account. /forget deletes everything about you."))
        await unit.sign_ins.end_all(person.number, account=actor)
    return Unlinked(actor, renewed > 0)


async def answer(context: Context, request: Request) -> Reply:
    """`/link` gives a code for 15 minutes; `/link CODE` from another account links it with the first."""
    if code := unquoted(request.args):
        return await ask_to_link(context, request, code)
    how = request.texts.gettext("To link another account with this one, send this from it within 15 minutes:")
    code = await link_code(context, request)
    async with context.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        accounts = await unit.people.accounts(person.number) if person else []
    others = [one for one in accounts if (one.channel, one.user_id) != (request.actor.channel, request.actor.user_id)]
    buttons = [[_unlink_button(context, one, request.texts)] for one in others[:_MOST_SHOWN]]
    return say(how, (Span(f"/link {code}", "code"),), buttons=buttons, private=True)


def _unlink_button(context: Context, account: Actor, texts: Texts) -> Button:
    name = f"{account.channel}:{account.user_id}"
    label = texts.gettext("Unlink %(account)s", account=clean(name, _LONGEST_LABEL))
    return Button(label, context.recent.action("unlink:", name))


async def ask_to_link(context: Context, caller: Caller, code: str) -> Reply:
    """Ask before linking: the code, or a link with it, may have been sent by somebody else."""
    texts = caller.texts
    async with context.store.read() as unit:
        first = await _person_of_code(context, unit, caller, code)
    question = (
        texts.gettext("Link this account with the account of %(name)s?", name=name)
        if (name := clean(first.name, 60))
        else texts.gettext("Link this account with another account?")
    )
    warning = texts.gettext(
        "Its user will see and can change everything you have here. Confirm only if you sent /link yourself just now."
    )
    yes = Button(texts.gettext("Yes, link them"), f"join:{code}")
    return say(question, warning, buttons=[[yes, Button(texts.gettext("No"), "join:")]], private=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The answer to the question: `join:CODE` makes this account one more of the person who was given the code."""
    texts = request.texts
    if not part:
        return say(texts.gettext("Nothing was linked."), private=True, edit=True)
    async with context.store.write() as unit:
        first = await _person_of_code(context, unit, request, part)
        person = await people.person(context, unit, request)
        if first.number == person.number:
            return say(texts.gettext("This account is already linked."), private=True, edit=True)
        await unit.people.link(request.actor, first.number)
    return say(texts.gettext("Linked: both accounts are the same person now."), private=True, edit=True)


async def press_unlink(context: Context, request: Request, part: str) -> Reply:
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


def unlinking(texts: Texts) -> str:
    """What becomes of an account that is unlinked."""
    return texts.gettext(
        "An account that you unlink is signed out on the pages, and your papers are no longer sent to its chat or"
        " mailbox. Your private feeds get new links, as it knows the old ones. All the rest stays with your other"
        " accounts."
    )


COMMANDS = (Command(SPEC, answer, {"join": press, "unlink": press_unlink}),)


async def _person_of_code(context: Context, unit: Unit, caller: Caller, code: str) -> Person:
    number = unsign(context.secret_key, PURPOSE, code, context.now())
    person = await unit.people.get(int(number)) if number is not None else None
    if person is None:
        raise CommandError(
            caller.texts.gettext(
                "This code isn't valid or is older than 15 minutes. Send /link from the first account for a new one."
            )
        )
    return person
