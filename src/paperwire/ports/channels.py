"""The ways to reach people, and what a channel may add."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from paperwire.core.bounces.report import Report
from paperwire.core.messages.message import Message
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import CommandSpec, Handler
from paperwire.texts import Texts


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel answered for a delivered message: its own id for it, and why it could open no thread, if so."""

    message_id: str
    no_thread: str = ""


Naming: TypeAlias = Literal["open", "verified", "managed"]
"""Who may name an address of a channel in `to:`, and so have papers sent there.

`open`: anyone who knows it, from any channel. `verified`: those who proved that it is theirs, from any channel.
`managed`: those who manage the place, from the channel itself, as only the platform knows who they are.
"""


# Filled while channels are imported, once a kind, and never changed. A table handed in would go along through all that
# words a place, a refusal or a state in chats, mails, pages and the shell, and these know a kind and nothing else.
_LABELS: dict[str, str] = {}


def label_channel(kind: str, label: str) -> None:
    """Let texts call a kind of channel so, for one whose class is loaded late; any other class does so itself."""
    _LABELS[kind] = label


def channel_label(kind: str) -> str:
    """What people call a kind of channel in a sentence; its name in the configuration if no file has it."""
    return _LABELS.get(kind, kind)


class Channel(Protocol):
    """A way to reach destinations: all that the rest of the program knows of it, whatever its kind.

    `kind` is its name in the configuration, `label` what people call it in a sentence. `singleton` channels run in one
    process at a time. `in_flight` is how many places may have a message on its way at once: as many as the platform's
    rate needs at its usual latency, in seconds times messages a second. `shared_service` is whether one service serves
    all places, so that a server error at one place tells something of all others, and `probe` proves that we are let
    in. `greets` is whether an address gets a message at once when someone names it for the first time, so that its
    readers know who did. `digest_size` is how many papers one message carries at most.
    """

    kind: str
    label: str
    singleton: bool = False
    in_flight: int
    shared_service: bool = True
    naming: Naming
    greets: bool = False
    digest_size: int = 10

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "label"):
            label_channel(cls.kind, cls.label)

    def per_minute(self, kind: str) -> int:
        """How many messages a minute a place of that kind takes; more than it can get in time make digests."""

    async def wait_for_slot(self, to: str) -> None:  # noqa: ARG002 -- at once, unless a channel says otherwise
        """Return when the place may get its next message; raises Retry where that is too far away to wait for."""
        return

    async def send(self, to: str, message: Message) -> Receipt:
        """Deliver `message` to the address `to`; raises Retry, Moved, Gone, Rejected or Unknown, nothing else."""

    async def probe(self) -> None:
        """Log in and ask something that has no effect (`GET /users/@me`); raises SendError if it fails.

        Returns at once where places have no service in common.
        """
        return

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """What place an address names, with `problem` set if we may not write there, and whether `actor` may name it.

        Takes links as the platform writes them, too. Raises Gone if the place is unknown to us.
        """

    def state(self) -> str:
        """One word or sentence for the status page: `connected`, `reconnecting since ...`."""

    async def close(self) -> None:
        """Give back connections."""
        return


@runtime_checkable
class Conversation(Channel, Protocol):
    """A channel that people talk to; any other one only sends.

    `has_roles` is whether its places have roles that an alert can mention, `threaded` are the kinds of places where a
    message can open a thread.
    """

    has_roles: bool = False
    threaded: frozenset[str] = frozenset()

    async def private_address(self, actor: Actor) -> str:
        """Where `actor` is written to in private, though they may never have written; raises SendError.

        The platform may still refuse what is sent there.
        """

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer people until cancelled; raises SendError when its login is permanently refused."""


@runtime_checkable
class Kept(Protocol):
    """A channel whose platform keeps for a while what people said to us when no one listened."""

    async def catch_up(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer what people said since, and return; raises SendError."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a platform posts what people say, for a channel that is called instead of asking.

    `path` is below the public address; `header` names the request header that holds the platform's secret, and `knows`
    says whether its value is right. Only then is the body read and given to `take`, which says whether it is one of
    the platform's.
    """

    path: str
    header: str
    knows: Callable[[str], bool]
    take: Callable[[bytes], Awaitable[bool]]


@runtime_checkable
class Called(Protocol):
    """A channel that may be called by its platform; `hook` is None while it asks."""

    def hook(self) -> Hook | None:
        """Where it wants to be called."""


@runtime_checkable
class Reporting(Protocol):
    """A channel whose platform reports afterwards what became of messages."""

    def report(self, raw: bytes, recipient: str) -> Report | None:
        """Read a report that came for `recipient` (empty: not known); None for anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatInvitation:
    """How people reach the bot of a channel from a page that shows papers.

    `name` is what the platform calls itself. `url` opens a chat with the bot, or has it added. What follows
    `start_url`, at most `START_ROOM` characters of `A-Za-z0-9_-`, comes as the words of `/start`; where it is empty,
    people type what the page tells them. `group_url` is the same for a group that they choose.
    """

    name: str
    url: str
    start_url: str = ""
    group_url: str = ""


START_ROOM = 64
"""The most characters that a link into a chat carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressInvitation:
    """What a page asks of people who want papers at an address of a channel.

    `heading` is the title of that page, `label` says what to type, `example` shows it. `fresh` is an address that
    is unused, another at each call, empty where people must have one. `apps` are what opens an address, by the
    text of its link: each holds `{address}`.
    """

    name: str
    heading: str
    label: str
    example: str
    fresh: str = ""
    apps: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Inviting(Protocol):
    """A channel that pages offer to people who have no account here."""

    async def invitation(self, texts: Texts) -> ChatInvitation | AddressInvitation | None:
        """How to get papers by this channel; None while the platform doesn't tell. Answers in seconds."""


@runtime_checkable
class Roomy(Protocol):
    """A channel that decides itself how many messages may be in flight, as some of its places are slow."""

    def room(self, to: str) -> AbstractAsyncContextManager[None]:
        """Room for a message to an address, for as long as it is on its way; raises Retry where there is none soon."""

    def doubt(self, problem: str) -> None:
        """Let `state` say that the service refuses us: it refused one place after another that took messages before."""


@runtime_checkable
class Advising(Protocol):
    """A channel that works with its settings as they are, and would do better with others."""

    def advice(self) -> Sequence[str]:
        """What its operator should change, a sentence each."""


@runtime_checkable
class Limited(Protocol):
    """A channel whose platform has a limit for one of us."""

    def near_limit(self) -> str:
        """What its operator should do before a limit is reached; empty while that is far off or not known."""


@dataclass(frozen=True, slots=True)
class ReportedState:
    """What one process reports of a channel."""

    channel: str
    owner: str
    state: str
