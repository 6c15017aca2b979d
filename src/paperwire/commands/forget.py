"""`/forget`: delete everything stored about a person, after a question that names it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from paperwire.commands.context import Command, Context, say
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Destination
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Actor, CommandSpec, Reply, Request
from paperwire.store.people.places import SharedPlace
from paperwire.store.unit import Store, Unit
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec("forget", gettext_noop("Delete everything stored about you"), private=True)
_YES = "yes"


async def forget(store: Store, actor: Actor) -> None:
    """Delete the person of an account, if there is one."""
    async with store.write() as unit:
        person = await unit.people.person_of(actor)
        if person is not None:
            await unit.people.forget(person.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What is stored about a person: places with numbers of subscriptions and watched papers, saved papers, votes.

    `nowhere` is how many subscriptions lead to feeds alone, `talks` how many papers they present at meetings. `shared`
    places stay.
    """

    places: tuple[tuple[Destination, int, int], ...]
    nowhere: int
    saved: int
    votes: int
    talks: int
    shared: tuple[SharedPlace, ...]


async def belongings(unit: Unit, person: int) -> Belongings:
    """What `forget` deletes and what it leaves."""
    subscriptions = await unit.subscriptions.of_person(person)
    goes = Counter(number for one in subscriptions for number in one.destinations)
    places = [place for place in await unit.people.destinations_of(person) if not place.is_shared]
    watched = {place.number: len(await unit.people.watched(place.number)) for place in places}
    return Belongings(
        places=tuple((place, goes[place.number], watched[place.number]) for place in places),
        nowhere=sum(not one.destinations for one in subscriptions),
        saved=len(await unit.people.saved(person)),
        votes=await unit.lists.voted(person),
        talks=await unit.meetings.presented_by(person),
        shared=tuple(await unit.people.shared_places(person)),
    )


def belonging_lines(all_of_it: Belongings, texts: Texts) -> list[str]:
    """What is deleted, place by place, and what stays."""
    lines = [texts.gettext("Deleted:")]
    for place, subscriptions, watched in all_of_it.places:
        counts = [_subscriptions(subscriptions, texts)]
        if watched:
            counts.append(texts.ngettext("%(num)s watched paper", "%(num)s watched papers", watched))
        lines.append(f"• {_name(place, texts)}: {', '.join(counts)}")
    if all_of_it.nowhere:
        lines.append(f"• {_subscriptions(all_of_it.nowhere, texts)}")
    if all_of_it.saved:
        lines.append("• " + texts.ngettext("%(num)s saved paper", "%(num)s saved papers", all_of_it.saved))
    if all_of_it.votes:
        lines.append("• " + texts.ngettext("%(num)s vote", "%(num)s votes", all_of_it.votes))
    if all_of_it.talks:
        lines.append("• " + texts.ngettext("%(num)s paper to present", "%(num)s papers to present", all_of_it.talks))
    lines.append("• " + texts.gettext("name, accounts, settings and feed links"))
    if all_of_it.shared:
        lines.append(texts.gettext("Kept, as it belongs to the chat, without the name of who added it:"))
    for one in all_of_it.shared:
        added = texts.ngettext(
            "%(num)s of them added by this account", "%(num)s of them added by this account", one.added
        )
        lines.append(f"• {_name(one.place, texts)}: {_subscriptions(one.subscriptions, texts)} ({added})")
    return lines


def _subscriptions(count: int, texts: Texts) -> str:
    return texts.ngettext("%(num)s subscription", "%(num)s subscriptions", count)


def _name(place: Destination, texts: Texts) -> str:
    private = texts.gettext("private chat") if place.kind == "private" else place.address
    return f"{place.channel}, {clean(place.title, 60) or clean(private, 60)}"


async def answer(context: Context, request: Request) -> Reply:
    """`/forget`: names what is deleted and what stays, and asks first."""
    texts = request.texts
    async with context.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        if person is None:
            return say(texts.gettext("Nothing is stored about you."), private=True)
        lines = belonging_lines(await belongings(unit, person.number), texts)
    question = texts.gettext("Delete everything stored about you? This can't be undone.")
    yes = Button(texts.gettext("Yes, delete everything"), f"forget:{_YES}")
    return say(question, *lines, buttons=[[yes, Button(texts.gettext("No"), "forget:no")]], private=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The answer to the question: `forget:yes` deletes at once."""
    if part != _YES:
        return say(request.texts.gettext("Nothing was deleted."), private=True, edit=True)
    await forget(context.store, request.actor)
    return say(request.texts.gettext("Everything about you has been deleted."), private=True, edit=True)


COMMANDS = (Command(SPEC, answer, {"forget": press}),)
