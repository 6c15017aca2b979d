"""Who may use this instance: those that its settings name, or anyone, and never an account that was banned."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from paperwire.core.mailbox import mailbox_of
from paperwire.core.subscriptions.subscription import Owner, StoredPlace
from paperwire.core.tokens import pseudonym
from paperwire.errors import CloseReason, CommandError
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store, Unit
from paperwire.texts import Texts

_log = structlog.get_logger(__name__)
_AT_HOME = frozenset({"console"})  # channels whose users sit at the machine itself
_QUIET = timedelta(hours=1)  # how long someone who was refused gets no second refusal where others read along
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class Access:
    """Lets in the accounts, servers and groups of these names, where `*` stands for anything; without any, all.

    `ask` names the person to ask for access; `secret_key` makes what is kept of banned accounts.
    """

    names: Collection[str] = ()
    ask: str = ""
    secret_key: bytes = field(default=b"", repr=False)
    _refused: OrderedDict[str, datetime] = field(default_factory=OrderedDict, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether anyone may use it who isn't banned."""
        return not self.names

    def names_account(self, account: Actor) -> bool:
        return account.channel in _AT_HOME or self._has((name_of(account),))

    def names_place(self, channel: str, addresses: Iterable[str]) -> bool:
        """Whether a place is let in with all who are there, by an address of it or of what it belongs to."""
        return channel in _AT_HOME or self._has(
            f"{channel}-{kind}:{address}" for address in addresses for kind in ("server", "group")
        )

    async def _lets_in(self, unit: Unit, account: Actor, place: Place | None) -> bool:
        if self.is_open or self.names_account(account):
            return True
        if place is not None and self.names_place(place.channel, addresses_of(place)):
            return True
        person = await unit.people.person_of(account)
        return person is not None and any(map(self.names_account, await unit.people.accounts(person.number)))

    async def admits(self, unit: Unit, account: Actor, place: Place | None = None) -> bool:
        """Whether an account may use this instance, in a place: it, another of the same person, or the place is named.

        One that is banned may not, whatever is named.
        """
        return not await self._bans(unit, account) and await self._lets_in(unit, account, place)

    async def admits_place(self, unit: Unit, place: StoredPlace) -> bool:
        """Whether papers may go to a place: it, or an account of its owner, is named, and its mailbox isn't banned."""
        if await self._bans(unit, Actor(channel=place.channel, user_id=place.address)):
            return False
        named = self.is_open or self.names_place(place.channel, filter(None, (place.address, place.community)))
        return named or any(map(self.names_account, await unit.people.accounts(place.owner)))

    async def admits_owner(self, unit: Unit, owner: Owner) -> bool:
        """Whether a person, or a shared place, may use this instance."""
        if self.is_open:
            return True
        if owner.person is not None:
            return any(map(self.names_account, await unit.people.accounts(owner.person)))
        place = await unit.places.get(owner.place or 0)
        return place is not None and await self.admits_place(unit, place)

    async def _bans(self, unit: Unit, account: Actor) -> bool:
        return await unit.settings.get(ban_key(self.secret_key, account)) is not None

    async def check(self, unit: Unit, account: Actor, texts: Texts, place: Place | None = None) -> None:
        """Raise CommandError unless an account may use this instance, in a place."""
        if not await self.admits(unit, account, place):
            raise self.refusal(account, texts)

    def is_refused_again(self, account: str, now: datetime) -> bool:
        """Whether an account was refused a short time ago; from now on it was."""
        before = self._refused.pop(account, None)
        self._refused[account] = now
        if len(self._refused) > _MOST_KEPT:
            self._refused.popitem(last=False)
        return before is not None and timedelta(0) <= now - before < _QUIET

    def hint(self, texts: Texts) -> str:
        """What to add to each promise of a mail, whether or not its address is let in; empty where all are."""
        if self.is_open:
            return ""
        if not self.ask:
            return texts.gettext(
                "If nothing arrives, this address may not be allowed to use this Paperwire: ask its operator."
            )
        # Translators: %(who)s is an address of the operator.
        return texts.gettext(
            "If nothing arrives, this address may not be allowed to use this Paperwire: ask %(who)s.", who=self.ask
        )

    def refusal(self, account: Actor, texts: Texts) -> CommandError:
        """The answer to an account that isn't let in."""
        name = name_of(account)
        if self.ask:
            # Translators: %(who)s is an address of the operator.
            text = texts.gettext(
                "This Paperwire is for invited people only. To be let in, ask %(who)s and name your account:"
                " %(account)s",
                who=self.ask,
                account=name,
            )
        else:
            text = texts.gettext(
                "This Paperwire is for invited people only. To be let in, ask its operator and name your account:"
                " %(account)s",
                account=name,
            )
        return CommandError(text)

    def _has(self, asked: Iterable[str]) -> bool:
        return any(_matches(name.casefold(), asked_name.casefold()) for asked_name in asked for name in self.names)


async def close_to_strangers(store: Store, access: Access) -> tuple[int, int]:
    """Close the places of owners who may not use this instance, and open those of owners who may again.

    What a closed place is owed is kept. Returns how many were closed and opened.
    """
    closed = opened = 0
    async with store.write() as unit:
        for place in await unit.places.owned_places(only_closed=access.is_open):
            let_in = (
                access.is_open
                or any(map(access.names_account, place.accounts))
                or access.names_place(place.channel, filter(None, place.addresses))
            )
            if let_in and place.paused:
                await unit.places.resume(place.number)
                opened += 1
            elif not let_in and not place.paused:
                await unit.places.pause(place.number, CloseReason.NOT_ALLOWED)
                closed += 1
    if closed or opened:
        _log.info("places follow who may use this instance", closed=closed, opened=opened)
    return closed, opened


def addresses_of(place: Place) -> list[str]:
    """The addresses by which a shared place may be let in."""
    return [place.address, *([place.community.address] if place.community else [])] if place.kind not in _ALONE else []


_ALONE = frozenset({"private", "mailbox", "terminal", "web", "address"})


def _matches(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL) is not None


def name_of(account: Actor) -> str:
    """What an account is called in settings and commands."""
    return f"{account.channel}:{account.user_id}"


def ban_key(secret_key: bytes, account: Actor) -> str:
    """Under which an account is known as banned: only we can make it, and nothing of the account is in it.

    All addresses that reach one mailbox are one.
    """
    name = f"{account.channel}:{mailbox_of(account.user_id)}"
    return f"banned {pseudonym(secret_key, f'banned {name}')}"
