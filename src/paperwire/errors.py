"""Everything Paperwire raises on purpose, as one tree.

PaperwireError
├── ConfigError            the operator's settings are wrong: which key, and the nearest right one
├── PortInUse              another program listens where the pages, health and metrics should be served
├── QueryError             a query cannot be read: what is wrong with it, and in which column
│   └── LikeError          its `like:` can't be answered: no such paper, no known word, no list
├── TimeError              times, a cadence or quiet hours cannot be read: what is wrong with them
├── CommandError           a person asked for something that cannot be done; the text is for them
│   └── TooMany            they asked too often; when to try again
├── SourceError            a source failed; the collector backs off and tries again
│   ├── SourceRefused      403 or 400: asking again soon will not help
│   ├── SourceBusy         429 or 503: the source said when to come back
│   └── SourceGarbled      the answer is not what the source documents (truncated, HTML, DOCTYPE)
├── LibraryError           someone's library of references could not be read
│   └── LibraryRefused     its key is not valid, or not any more
├── EncoderError           an encoder failed: papers wait for their vectors, keyword alerts do not
├── SendError              a channel could not deliver
│   ├── Retry              try again after some seconds
│   │   └── ChannelRefused the service refuses us, not a place or a message: all places wait
│   ├── Moved              the place has a new address
│   ├── Gone               the place is closed to us until a person does something
│   ├── Rejected           this message will never be accepted there
│   └── Unknown            timed out: perhaps delivered
└── StoreError             the database cannot do its work
    ├── StoreUnreachable   nothing answers at the database's address, or it is not ready yet
    ├── StoreBusy          all connections, or all searches at a time, are taken
    │   └── StoreSlow      a search was stopped because it took too long
    ├── StoreLocked        another process runs the service over this SQLite database
    ├── StoreConflict      rows that were taken for new are there already
    ├── StoreOutdated      there are no tables yet, or the schema needs `paperwire migrate`
    └── StoreUnsupported   the schema is newer than this program, or older than its first revision
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class PaperwireError(Exception):
    """Base of all deliberate errors; its text is fit for a person and holds no secret."""


class ConfigError(PaperwireError):
    """The configuration is wrong; the text names the key and, where there is one, the nearest right one."""


class PortInUse(PaperwireError):
    """Another program listens on a port of ours."""


class Mistake(StrEnum):
    """What can be wrong with a query apart from what one kind of term refuses (`Refusal`)."""

    NO_WORD = "no word"
    NO_WORD_IN_QUOTES = "no word in quotes"
    NO_WORD_IN_BRACKETS = "no word in brackets"
    OPEN_QUOTE = "quotes left open"
    OPEN_BRACKET = "a bracket left open"
    UNOPENED_BRACKET = "a bracket that closes nothing"
    LONE_DASH = "a dash without a word"
    LONE_EQUALS = "= without a word"
    LONE_OPERATOR = "an operator without a word"
    LONE_FIELD = "a field without a word"
    LOWERCASE_OPERATOR = "an operator in small letters"
    ONLY_EXCLUDES = "a query that only excludes"
    MISPLACED_STAR = "* not after a word"
    STAR_IN_VALUE = "* in a field that takes whole values"
    EXACT_VALUE = "= in a field that takes whole values"
    TOO_LONG = "too many characters"
    TOO_MANY_TERMS = "too many terms"
    TOO_MANY_BEGINNINGS = "too many words with *"
    TOO_MANY_CHAINS = "too many long chains of hyphenated words"
    TOO_DEEP = "brackets and NOTs nested too deep"
    NESTED_FIELD = "a field inside a field"
    UNKNOWN_FIELD = "an unknown field"
    ADDRESS = "a web address"
    BACKSLASH = "a backslash outside quotes"
    BAR = "| outside quotes"
    SPECIAL_CHARACTER = "a special character outside quotes"


@dataclass(frozen=True)
class Refusal:
    """What one kind of term refuses: its words, its repair, an example.

    `message` says what is wrong, without a full stop, and `hint` what to type instead; both are marked by
    `gettext_noop` and may name `values` of the error. `repair` returns a better text of the query, or the same text if
    it has none.
    """

    problem: str
    """What is wrong, for logs."""
    message: str
    hint: str
    repair: Callable[[str, QueryError], str]
    example: str
    """A query that is refused for this alone, for tests."""

    def __str__(self) -> str:
        return self.problem


class Unresolved(StrEnum):
    """Why a `like:` can't be answered."""

    OFF = "no encoder is on"
    NOT_STORED = "a paper that isn't stored"
    NOT_ENCODED = "papers without a vector yet"
    UNKNOWN_WORDS = "a text without a known word"
    NO_PERSON = "saved papers where there is no person"
    FEW_SAVED = "too few saved papers"
    FAILING = "the encoder fails"


class QueryError(PaperwireError):
    """A query that cannot be read.

    `column` counts characters from 1 and points at the beginning of the wrong piece. `values` are the facts that a
    text about this kind of mistake names, such as the operator or the limit.
    """

    def __init__(self, kind: Mistake | Refusal | Unresolved, column: int, **values: object) -> None:
        details = ", ".join(str(value) for value in values.values() if value)
        super().__init__(f"{kind} ({details + ', ' if details else ''}column {column})")
        self.kind = kind
        self.column = column
        self.values = values


class LikeError(QueryError):
    """A query whose `like:` means nothing here, or nothing yet; `is_passing` says that it may work later."""

    def __init__(self, kind: Unresolved, column: int, **values: object) -> None:
        super().__init__(kind, column, **values)
        self.is_passing = kind in {Unresolved.NOT_ENCODED, Unresolved.FAILING}


class TimeMistake(StrEnum):
    """What can be wrong with a time, a cadence or quiet hours."""

    UNKNOWN = "not understood"
    NO_TIME = "no time of day"
    NO_HOURS = "not two times of day"
    EQUAL_HOURS = "two equal times"
    TOO_MANY_TIMES = "too many times a day"


class TimeError(PaperwireError):
    """Times that cannot be read; `values` are the facts that a text names, such as what was `typed`."""

    def __init__(self, kind: TimeMistake, **values: object) -> None:
        super().__init__(f"{kind} ({', '.join(str(value) for value in values.values())})")
        self.kind = kind
        self.values = values


class CommandError(PaperwireError):
    """A person asked for something that cannot be done; the text is the answer they get.

    `link` is an address of ours in it.
    """

    def __init__(self, message: str = "", *, link: str = "") -> None:
        super().__init__(message)
        self.link = link


class TooMany(CommandError):
    """There were too many requests; another is taken after `wait` at the latest."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class SourceError(PaperwireError):
    """A source could not be read; nothing was lost and the cursor did not move."""


class SourceSlow(SourceError):
    """The source's answer did not come in time."""


class SourceRefused(SourceError):
    """The source refuses us (HTTP 400, 401, 403, 404): retrying soon makes it worse.

    `status` is the HTTP status, 0 if the request was refused otherwise.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        """Keep the status that came with the refusal."""
        super().__init__(message)
        self.status = status


class SourceBusy(SourceError):
    """The source asks for patience (HTTP 429, 503); `after` is in seconds.

    `sent` is false when no request went out, because the source had asked for patience before. `named` tells that
    the source itself said how long.
    """

    def __init__(self, message: str, after: float, *, sent: bool = True, named: bool = True) -> None:
        """Keep how many seconds the source asked us to wait."""
        super().__init__(message)
        self.after = after
        self.sent = sent
        self.named = named


class SourceGarbled(SourceError):
    """The source's answer cannot be trusted: cut off, of another type, or unsafe to parse."""


class LibraryError(PaperwireError):
    """A library could not be read; it is tried again, in `after` seconds at the earliest."""

    def __init__(self, message: str, *, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class LibraryRefused(LibraryError):
    """The service refuses the key of a library."""


class EncoderError(PaperwireError):
    """An encoder gave no vectors that can be used; the text says which one and why."""


class SendError(PaperwireError):
    """A channel could not deliver a message."""


class Retry(SendError):
    """Try again after `after` seconds; with `everywhere` the whole channel must wait, not this place alone.

    With `requested` the platform named the time: it is kept exactly and is no failure of the message. With `patience`
    it is the place that takes nothing for now: each wait is twice the one before, and after that many seconds it is
    closed. With `doubtful` the place is at fault unless two others fail as well.
    """

    def __init__(  # noqa: PLR0913 -- all about one wait, each named
        self,
        message: str,
        after: float,
        *,
        everywhere: bool = False,
        requested: bool = False,
        patience: float = 0.0,
        doubtful: bool = False,
    ) -> None:
        """Keep how long to wait, for whom, whether it was requested, and for how long that goes on."""
        super().__init__(message)
        self.after = after
        self.everywhere = everywhere
        self.requested = requested
        self.patience = patience
        self.doubtful = doubtful


class ChannelRefused(Retry):
    """The service refuses us: our sender, client, login or quota. All places wait until that is mended.

    Only while others get through it is the place's own, or with `of_message` the message's.
    """

    def __init__(self, message: str, after: float, *, of_message: bool = False) -> None:
        """Keep how long to wait, and whether it was a message that was refused."""
        super().__init__(message, after, everywhere=True, patience=float("inf"))
        self.of_message = of_message


class Moved(SendError):
    """The place lives at another address of the same channel now: `to`."""

    def __init__(self, message: str, to: str) -> None:
        """Keep the new address."""
        super().__init__(message)
        self.to = to


class CloseReason(StrEnum):
    """Why a place is closed to us; these words are stored."""

    REMOVED = "removed"
    BLOCKED = "blocked"
    DELETED = "deleted"
    SILENCED = "silenced"
    HIDDEN = "hidden"
    TOPIC_CLOSED = "topic closed"
    ARCHIVED = "archived"
    REFUSED = "refused"
    NOT_ALLOWED = "not allowed"


class Gone(SendError):
    """The place is closed to us (blocked, kicked, deleted) until a person acts: `why`.

    With `doubtful` it may be us who are refused, if places in a row are that took messages before.
    """

    def __init__(self, message: str, why: CloseReason = CloseReason.REFUSED, *, doubtful: bool = False) -> None:
        """Keep the platform's own words for the log, why in ours, and whether that is in doubt."""
        super().__init__(message)
        self.why = why
        self.doubtful = doubtful


class Rejected(SendError):
    """The platform will never accept this message; other messages may pass."""


class Unknown(SendError):
    """No answer came in time: the message may or may not have been delivered.

    `after` is in seconds: how long to wait before it may be sent again. It is short where the platform recognises a
    repeat for a while, and long where a repeat would be a second copy.
    """

    def __init__(self, message: str, after: float = 120.0) -> None:
        """Keep how long to wait."""
        super().__init__(message)
        self.after = after


class StoreError(PaperwireError):
    """The database cannot do its work."""


class StoreUnreachable(StoreError):
    """The database's server does not answer, or is not ready yet: waiting may help."""


class StoreBusy(StoreError):
    """No connection or no turn to search became free in time; try again after `after` seconds."""

    def __init__(self, message: str, *, after: int) -> None:
        super().__init__(message)
        self.after = after


class StoreSlow(StoreBusy):
    """A search took too long and was stopped; the same one may pass when less is going on."""


class StoreLocked(StoreError):
    """Another process already runs the service over this SQLite database."""


class StoreConflict(StoreError):
    """Rows that were taken for new are there already: look for them first."""


class StoreOutdated(StoreError):
    """The database has no tables yet, or a schema that this program can bring up to date."""


class StoreUnsupported(StoreError):
    """The schema is newer than this program, or older than its first revision: `commit` then brings it up to date."""

    def __init__(self, message: str, *, commit: str = "") -> None:
        super().__init__(message)
        self.commit = commit
