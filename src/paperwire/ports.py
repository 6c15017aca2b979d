"""What crosses rooms: the contracts between sources, channels, commands and the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from paperwire.core.days.batch import Listing, Slot
    from paperwire.core.meaning.vectors import Share
    from paperwire.core.messages.message import Attachment, Message
    from paperwire.core.papers.paper import Event, Paper

Now: TypeAlias = "Callable[[], datetime]"
"""The one clock: the present instant, aware and in UTC."""

Stored: TypeAlias = "Callable[[Sequence[str]], Awaitable[frozenset[str]]]"
"""Which of these paper ids are stored."""


class Options(BaseModel):
    """The settings of one source or channel, read from `[sources.NAME]` or `[channels.NAME]`.

    Each module in those rooms subclasses it as `Options` beside a `build(options, tools)`; unknown keys are refused.
    Secrets are `SecretStr` and may also come from a file named by the same key with `_file` behind it. `role` is what
    `run --only` calls the processes that listen on this channel: its name if it is a `Conversation`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    role: ClassVar[str] = ""
    enabled: bool = True

    def missing(self) -> str:
        """The key without which this channel or source cannot work and stays off, or an empty string."""
        return ""


# --- encoders ----------------------------------------------------------------------------------------------------


class Encoder(Protocol):
    """Makes vectors of texts. Vectors of two versions can't be compared."""

    version: str
    width: int

    async def encode(self, texts: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """One row of length 1 for each text (title and abstract, or words and nothing); raises EncoderError.

        A row is of zeros where the encoder knows no word of the text.
        """

    async def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class Explaining(Protocol):
    """What an encoder adds whose score is a sum over words."""

    def shares(self, text: tuple[str, str], query: NDArray[np.float32]) -> list[Share]:
        """Which words bring a text close to a query vector."""


# --- sources -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a source: what it said, and how far that brings the cursor of `part`.

    `cursor` is opaque text that only the source reads (validators, token, id set); it is stored with the events in
    one transaction. `quiet` pages (first run, backfill, import) are stored and matched but owe no delivery; those of a
    `first_look` owe some for what was not there yet when it was first tried.
    `listings` are what it shows of batches, events that were told before included, and `view` is the name of the view
    that shows it, so that a batch can be compared between views.
    """

    part: str
    events: tuple[Event, ...]
    cursor: str
    quiet: bool = False
    first_look: bool = False
    view: str = ""
    listings: tuple[Listing, ...] = ()

    @property
    def listed(self) -> tuple[str, ...]:
        """The classes, servers or feeds whose list this page shows in whole."""
        return tuple(listing.part for listing in self.listings if listing.whole)

    @property
    def day(self) -> date | None:
        """The latest day that this page shows anything of, or None."""
        return max((listing.day for listing in self.listings), default=None)


class Pace(Protocol):
    """Keeps a minimum interval between requests to one service, over all processes that share the database."""

    def turn(
        self, service: str, interval: float, *, endpoint: str = "", patient: bool = False, around: bool = False
    ) -> AbstractAsyncContextManager[None]:
        """The turn for one request, entered when it may go out; nobody else has one until `interval` seconds after it.

        A `patient` request lets others go first; another turn is waited for within one that is `around` it. Raises
        SourceBusy while `endpoint` (if empty, the service) wants to be left alone.
        """

    async def rest(self, endpoint: str, until: datetime) -> None:
        """Leave an endpoint alone until then, as it asked; the others of its service may be asked."""


class Source(Protocol):
    """Where papers are read. A source has parts (classes, servers, feed addresses), each with its own cursor."""

    name: str

    def parts(self) -> Sequence[str]:
        """The independent parts that are read one by one."""

    def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """Read what is new in `part` since `cursor` (empty at the first time); raises SourceError."""

    async def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class Archive(Protocol):
    """What a source adds that has a past to read back."""

    def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """Read everything since `since`, resuming at `cursor`; pages have part `backfill`; raises SourceError."""


@runtime_checkable
class Directory(Protocol):
    """What a source adds that can be asked for one paper."""

    async def lookup(self, paper_id: str) -> Paper | None:
        """One paper by its id, or None (without a request) for an id of another kind; raises SourceError."""


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time on every day, in `zone`, an IANA name."""

    hour: int
    minute: int
    zone: str = "UTC"


@runtime_checkable
class Scheduled(Protocol):
    """What a source adds that has something new at known times of day: then it is looked at early."""

    def times(self) -> Sequence[TimeOfDay]:
        """When it has something new."""


@runtime_checkable
class Dated(Protocol):
    """What a source adds whose days can be proved whole."""

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """The batches that should exist of the days from `first` to `last`, both included."""


@runtime_checkable
class Reconciled(Dated, Protocol):
    """What a source adds that can be read by a second view, which tells what the first one missed."""

    def reconcile(self, cursor: str, *, unproven: date | None, stored: Stored) -> AsyncIterator[Page]:
        """What changed since `cursor` by the second view, and what it lists of the last week that is not stored.

        `unproven` is the first day that is not proven complete, which the cursor never passes; None if there is none.
        Pages have part `reconcile`. The first time (empty cursor) it only takes down where to begin.
        Raises SourceError.
        """

    def third_view(self, parts: Sequence[str]) -> AsyncIterator[Page]:
        """For each of these parts one page with what a third view lists of its latest batch, to judge, not to collect.

        Pages have part `third`, no events and one listing; raises SourceError.
        """

    def checks(self) -> Sequence[TimeOfDay]:
        """When the second view has something new."""

    async def lookup_many(self, ids: Sequence[str]) -> dict[str, Paper]:
        """Those of these papers that the source has, as of now, by their ids; raises SourceError."""


# --- channels ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel answered for a delivered message: its own id for it."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who speaks: the account on its channel (`user_id` is the platform's id as text)."""

    channel: str
    user_id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said; the words are those of `Destination`. `problem` names a right the bot lacks there.

    `kind` is what sort of place it is, not which channel it is on; an `address` is one that only takes messages.
    """

    channel: str
    address: str
    kind: Literal["private", "group", "channel", "topic", "thread", "mailbox", "address", "terminal", "web"]
    title: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and from where: what rights are decided by.

    `can_manage` says whether the actor may change things in `place` (always true in private). `locale` is the language
    their platform reports, empty if it reports none.
    """

    actor: Actor
    place: Place
    can_manage: bool
    locale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Caller):
    """One command or one button press.

    Where `completing` says what is being typed (`Argument.completes`), choices for `args` are asked for, and no answer.
    `attached` is the text of a file that came with it, and `unread` the name of one that is no text or too long.
    `command` is a command's name without slash, `args` its words as typed, `options` the named options that Discord
    or a form sends beside them. For a button, `action` is the button's action and `command` is empty. Actions that
    begin with `place:` are a channel's own reports of a place (`place:closed:WHY`, a word of `Closed`; `place:open`;
    `place:moved:ADDRESS`): a channel never passes on a button press that says so.
    """

    command: str = ""
    args: str = ""
    attached: str = ""
    unread: str = ""
    action: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    completing: str = ""


Choice: TypeAlias = "tuple[str, str]"
"""What somebody who types may choose: how it is shown, and the text it stands for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is missing of a request: the actor's next message answers it, as a request without a command.

    A platform with forms may ask in one, and sends `command` with the answer as its words and these `options`. `label`
    says what to type, `example` shows it.
    """

    command: str
    label: str
    example: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """What an answer becomes once more is known: `reply` in its place, or `line` below where it can't be edited."""

    reply: Reply
    line: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a request: `private` is secret and shown to the actor only, `edit` replaces the button's message.

    `aside` holds no secret but matters to the actor alone, as a refusal does: it comes where the question was, and only
    the actor sees it there if the platform can do that. `toast` is a short text shown over the chat when a button needs
    no new message. `choices` answer a request that completes what is typed. `question` is what the answer asks;
    `update` waits until more is known, None if nothing is to be changed then.
    """

    message: Message
    files: tuple[Attachment, ...] = ()
    private: bool = False
    aside: bool = False
    edit: bool = False
    toast: str = ""
    question: Question | None = None
    update: Callable[[], Awaitable[Update | None]] | None = None
    choices: tuple[Choice, ...] = ()


Handler: TypeAlias = "Callable[[Request], Awaitable[Reply]]"


Completes: TypeAlias = Literal["", "query", "subscription", "cadence", "time", "hours", "command"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command; with `choices`, nothing else is taken.

    `kind` says what it names where a platform lets people pick that; a `role` is offered where there are roles alone.
    `completes` says what the words are that a platform may offer while somebody types.
    """

    name: str
    help: str
    required: bool = True
    choices: tuple[str, ...] = ()
    kind: Literal["text", "place", "role"] = "text"
    completes: Completes = ""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What a command is, for bots, terminal, docs and tests; `help` is English, translated when shown.

    `who` is `anyone` or `manager` (only managers may use it in a shared place); `private` answers go to the actor only.
    `args` come in one string in this order; the first one takes all words that are left.
    """

    name: str
    help: str
    args: tuple[Argument, ...] = ()
    options: tuple[Argument, ...] = ()
    who: Literal["anyone", "manager"] = "anyone"
    private: bool = False


Naming: TypeAlias = Literal["open", "verified", "managed"]
"""Who may name an address of a channel in `to:`, and so have papers sent there.

`open`: anyone who knows it, from any channel. `verified`: those who proved that it is theirs, from any channel.
`managed`: those who manage the place, from the channel itself, as only the platform knows who they are.
"""


class Channel(Protocol):
    """A way to reach destinations: all that the rest of the program knows of it, whatever its kind.

    `kind` is its name in the configuration. `singleton` channels run in one process at a time. `in_flight` is how many
    places may have a message on its way at once: as many as the platform's rate needs at its usual latency, in seconds
    times messages a second. `shared_service` is whether all places are behind one service, so that a server error at
    one place tells something of all others, and `probe` proves that we are let in. `greets` is whether an address
    gets a message at once when somebody names it for the first time, so that its readers know who did. `digest_size`
    is how many papers one message carries at most.
    """

    kind: str
    singleton: bool
    in_flight: int
    shared_service: bool
    naming: Naming
    greets: bool
    digest_size: int

    def per_minute(self, kind: str) -> int:
        """How many messages a minute a place of that kind takes; more than it can get in time make digests."""

    async def turn(self, to: str) -> None:
        """Return when the place may get its next message; raises Retry where that is too far away to wait for."""

    async def send(self, to: str, message: Message) -> Receipt:
        """Deliver `message` to the address `to`; raises Retry, Moved, Gone, Rejected or Unknown, nothing else."""

    async def probe(self) -> None:
        """Log in and ask something that has no effect (`GET /users/@me`); raises SendError if it fails.

        Returns at once where places have no service in common.
        """

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """What place an address names, with `problem` set if we may not write there, and whether `actor` may name it.

        Takes links as the platform writes them, too. Raises Gone if there is no such place for us.
        """

    def state(self) -> str:
        """One word or sentence for the status page: `connected`, `reconnecting since ...`."""

    async def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class Conversation(Channel, Protocol):
    """A channel that people talk to; any other one only sends.

    `has_roles` is whether its places have roles that an alert can mention.
    """

    has_roles: bool

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer people until cancelled; raises SendError when it cannot log in for good."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a platform posts what people say, for a channel that is called instead of asking.

    `path` is below the public address; `header` names the request header that holds the platform's secret; `take`
    is given the body and that header's value, and says whether the request was the platform's.
    """

    path: str
    header: str
    take: Callable[[bytes, str], Awaitable[bool]]


@runtime_checkable
class Called(Protocol):
    """A channel that may be called by its platform; `hook` is None while it asks."""

    def hook(self) -> Hook | None:
        """Where it wants to be called."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came back for a message after it was sent.

    `names` are those that the place of the message may have, as the last part of its `Message.leave`, the surest first.
    `outcome` says what it comes to: nothing more gets there (`closed`), its reader wants no more (`left`), or nothing
    (`noted`). `reason` is for people.
    """

    names: tuple[str, ...]
    outcome: Literal["closed", "left", "noted"]
    reason: str


@runtime_checkable
class Reporting(Protocol):
    """A channel whose platform reports afterwards what became of messages."""

    def report(self, raw: bytes, recipient: str) -> Report | None:
        """Read a report that came for `recipient` (empty: not known); None for anything else."""


@runtime_checkable
class Advising(Protocol):
    """A channel that works with its settings as they are, and would do better with others."""

    def advice(self) -> Sequence[str]:
        """What its operator should change, a sentence each."""
