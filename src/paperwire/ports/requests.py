"""What a person asks on any channel, and what is answered: requests, replies, and what commands there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

from paperwire.core.messages.message import Attachment, Button, Message, Rich
from paperwire.ports.callers import Caller, ChatKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Caller):
    """One command or one button press.

    `replied` is the platform's id of a message or form of ours that words answer or may be about, where it tells that.
    Where `completing` says what is being typed (`Argument.completes`), choices for `args` are asked for, and no answer;
    for a `paper`, which is posted wherever the asker types, `paper_choices`. `attached` is the text of a file that came
    with it, and the papers that its words link to; `unread` is the name of a file that is no text or too long.
    `command` is a command's name without slash, `args` its words as typed, `options` the named options that Discord or
    a form sends with them. For a button, `action` is the button's action and `command` is empty. Actions that begin
    with `place:` are a channel's own reports of a place (`place:closed:WHY`, a word of `CloseReason`; `place:open`;
    `place:moved:ADDRESS`; `place:upvoted:MESSAGE`, `place:unvoted:MESSAGE`): a channel never passes on a button press
    that says so.
    """

    command: str = ""
    args: str = ""
    replied: str = ""
    attached: str = ""
    unread: str = ""
    action: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    completing: str = ""


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """A paper that a person may post where they type: its title and a line `about` it in a list, and the message."""

    key: str
    title: str
    about: str
    message: Message


@dataclass(frozen=True, slots=True)
class PaperChoices:
    """Papers to choose from; one who `is_personal` is offered to the asker alone.

    `following` is the offset of more of them, which comes back as the option `offset`; empty for none. Without papers,
    `start` is what a link into the private chat carries, where more is said (empty for nothing).
    """

    papers: tuple[PaperChoice, ...]
    is_personal: bool
    start: str = ""
    following: str = ""


Choice: TypeAlias = "tuple[str, str]"
"""A completion: how it is shown, and the text it stands for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is missing of a request: the actor's next message answers it, as a request without a command.

    A platform with forms may ask in one, and sends `command` with the answer as its words and these `options`. `label`
    says what to type, `example` shows it. A form begins with `value`, and has room for lines if the answer `is_long`;
    where none can be shown, the words `typed` (otherwise the example) after the command say the same. The
    `explanation` stands in the form alone: a message that asks has its own.
    """

    command: str
    label: str
    example: str
    options: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    typed: str = ""
    is_long: bool = False
    explanation: Rich = ()


@dataclass(frozen=True, slots=True)
class Update:
    """What an answer becomes when there is more to say: `reply` in its place, or `line` below where it can't be edited.

    A step on the way has no line; what it becomes next is its reply's `update`.
    """

    reply: Reply
    line: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a request: `private` is secret and shown to the actor only, `edit` replaces the button's message.

    `expands` adds the abstract of its paper and its buttons to that message, where the platform can fold it away.
    `aside` holds no secret but matters to the actor alone, as a refusal does: it comes where the question was, and only
    the actor sees it there if the platform can do that. So does a `shareable` one, with a button that posts it for all;
    the answer to that button says who did, and `shares` the message with those of its buttons whose actions begin with
    these words. `unseen` says that the message with the request holds a secret and is to be deleted, where the platform
    lets us. `toast` is a short text shown over the chat when a button needs no new message; with an `aside` message it
    says the same where no message can be shown to one person alone. `keys` are buttons that stand from now on in place
    of those with these actions in the pressed button's message, where the platform can change them and no message
    answers; where `edit` does, in the message that this one answered. What answers a reaction shows nothing: the
    buttons of `message`, and `keys` among them, stand from now on under what was reacted to, or those `expanded` where
    its abstract was added. `choices` or `paper_choices` answer a request that completes what is typed. `question` is
    what the answer asks, and `on_asked` takes the platform's id of the message or form that asks it, where answers name
    that; `update` waits until more is known, None if nothing is to be changed. `undo` is the action that takes back
    what was done, where no button Undo has it. With `forgets` the person was forgotten, and so is what the channel
    itself keeps of them. `language` is the one in which the asker is answered, for what the channel itself adds.
    """

    message: Message
    files: tuple[Attachment, ...] = ()
    private: bool = False
    aside: bool = False
    shareable: bool = False
    shares: frozenset[str] = frozenset()
    unseen: bool = False
    edit: bool = False
    expands: bool = False
    expanded: tuple[tuple[Button, ...], ...] = ()
    toast: str = ""
    keys: Mapping[str, tuple[Button, ...]] = field(default_factory=dict)
    question: Question | None = None
    on_asked: Callable[[str], Awaitable[None]] | None = None
    update: Callable[[], Awaitable[Update | None]] | None = None
    undo: str = ""
    forgets: bool = False
    language: str = ""
    choices: tuple[Choice, ...] = ()
    paper_choices: PaperChoices | None = None


Handler: TypeAlias = "Callable[[Request], Awaitable[Reply]]"
"""Answers a request and never raises: a refusal is an answer, and so is that something went wrong."""


Completes: TypeAlias = Literal[
    "",
    "query",
    "paper id",
    "subscription",
    "cadence",
    "time",
    "hours",
    "meeting",
    "occasions",
    "feed",
    "saved",
    "command",
]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command; with `choices`, nothing else is taken, unless it is `is_open`.

    The words after a command are called `query`, whatever they are: their `help` begins with what that is and a colon.
    `kind` says what it names where a platform lets people pick that; a `role` is offered where there are roles alone,
    and a `file` where none can come with a message: its text is the request's `attached`.
    `completes` names the words that a platform may complete.
    """

    name: str
    help: str
    required: bool = True
    choices: tuple[str, ...] = ()
    is_open: bool = False
    kind: Literal["text", "place", "role", "file"] = "text"
    completes: Completes = ""


Topic: TypeAlias = Literal["follow", "find", "together", "settings", "you"]
"""What a command is for; help groups them by it."""

Feature: TypeAlias = Literal["mail", "pages", "public list"]
"""What an instance may be without: a channel of mail, the server of pages and feeds, a list that is everyone's."""

Where: TypeAlias = dict[ChatKind, Feature | None]
"""The kinds of chats in which a command is answered, each with what the instance needs for that."""


def in_chats(*chats: ChatKind, needs: Feature | None = None) -> Where:
    """These kinds of chats, or all of them if none is named."""
    return dict.fromkeys(chats or get_args(ChatKind), needs)


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What a command is, for bots, terminal, docs and tests; `help` is English, translated when shown.

    `who` is `anyone`, `viewer` (without words anyone sees what is set in a shared place, with words only managers may
    change it), or `manager` (only managers may use it there). `private` answers go to the actor only; so do `shareable`
    ones on a server, with a button to share them. `args` come in one string in this order; the first one takes all
    words that are left. `examples` are commands as typed, each with what it does.
    """

    name: str
    help: str
    args: tuple[Argument, ...] = ()
    options: tuple[Argument, ...] = ()
    who: Literal["anyone", "viewer", "manager"] = "anyone"
    private: bool = False
    shareable: bool = False
    topic: Topic = "you"
    where: Where = field(default_factory=in_chats)
    examples: tuple[tuple[str, str], ...] = ()

    def is_listed(self, chat: ChatKind) -> bool:
        """Whether help and menus of such a chat name it: it is answered there, and not to a private chat instead."""
        return chat in self.where and not (self.private and chat == "group")


def available(specs: Iterable[CommandSpec], features: AbstractSet[Feature]) -> tuple[CommandSpec, ...]:
    """The commands of an instance with these features: none is answered in a chat that needs another one."""
    return tuple(
        replace(spec, where={chat: need for chat, need in spec.where.items() if need is None or need in features})
        for spec in specs
    )
