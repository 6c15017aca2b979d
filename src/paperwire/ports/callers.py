"""Who asks, and from where: accounts, places and what they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from paperwire.core.subscriptions.subscription import LISTED, SHARED, StoredPlace
from paperwire.texts import Texts, texts_in

ChatKind: TypeAlias = Literal["private", "group", "server", "terminal"]
"""Where commands are typed: alone with the bot, in a group or channel, on a server with channels, or at a terminal."""

OWN_CHAT = "me"
"""What names the private chat of who asks wherever a place is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who speaks: the account on its channel (`user_id` is the platform's id as text)."""

    channel: str
    user_id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """What several places belong to, which have one list: what it is called, and its address on their channel.

    It may be a place itself, as a group with topics is.
    """

    kind: Literal["server", "group"]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said; the words are those of `StoredPlace`. `problem` names a right the bot lacks there.

    `locale` is the language that its server reports, empty for none. `kind` is what sort of place it is, not which
    channel it is on; an `address` is one that only takes messages.
    """

    channel: str
    address: str
    kind: Literal["private", "group", "channel", "topic", "thread", "mailbox", "address", "terminal", "web"]
    title: str = ""
    problem: str = ""
    community: Community | None = None
    locale: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether more than one person reads there."""
        return self.kind in SHARED

    @property
    def has_list(self) -> bool:
        return self.kind in LISTED

    @property
    def chat(self) -> ChatKind:
        """What sort of chat it is for the commands that are typed there."""
        if self.community is not None and self.community.kind == "server":
            return "server"
        return "terminal" if self.kind == "terminal" else "group" if self.is_shared else "private"

    def is_same(self, stored: StoredPlace) -> bool:
        return (self.channel, self.address) == (stored.channel, stored.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and from where: what rights are decided by.

    `can_manage` says whether the actor may change things in `place` (always true in private). `locale` is the language
    their platform reports, empty if it reports none, and `language` the one that was chosen there or by them. `person`
    is who the asker is known to be already, as on pages that one signs in to: nothing is stored for them once they are
    forgotten.
    """

    actor: Actor
    place: Place
    can_manage: bool
    locale: str = ""
    language: str = ""
    person: int | None = None

    @property
    def may_change(self) -> bool:
        """Whether the actor may change things where they are."""
        return self.can_manage or not self.place.is_shared

    @property
    def reads(self) -> str:
        """The language in which who asks is answered."""
        return self.language or self.locale

    @property
    def texts(self) -> Texts:
        return texts_in(self.reads)


@dataclass(frozen=True, slots=True)
class OwnedPlace:
    """A place by its number, its own address and that of what it belongs to, with its owner's accounts."""

    number: int
    channel: str
    addresses: tuple[str, str]
    paused: bool
    accounts: list[Actor]
