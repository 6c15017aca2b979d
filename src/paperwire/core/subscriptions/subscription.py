"""Who wants what, where: people, destinations and subscriptions as values, and what is stored of a person, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from paperwire.core.papers.names import folded
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.cadence import Quiet

SHARED = frozenset({"group", "channel", "topic", "thread"})
"""The kinds of places where more than one person reads: they own what is subscribed there, managers change it."""
LISTED = SHARED | {"terminal"}
"""Those with a list of papers of their own: who is at a terminal is a group of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who uses Paperwire; `number` is ours, accounts on channels point to it. `zone` is an IANA name.

    `locale` is the language that a platform or browser of theirs reported last, `language` the one they chose.
    """

    number: int
    name: str
    locale: str
    zone: str
    language: str = ""

    @property
    def reads(self) -> str:
        """The language of texts for them."""
        return self.language or self.locale


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlace:
    """One place on one channel.

    `kind` is `private`, `group`, `channel`, `topic`, `thread`, `mailbox`, `address` or `terminal`. `address` is the
    channel's own (Telegram `-100123/45` for topic 45 of a supergroup). `cadence` is the place's default as text
    (`instant`, `daily 08:00`, `weekly mon 08:00`), `quiet` `HH:MM-HH:MM` or empty, `style` `auto`, `cards`, `compact`
    or `list`. `paused` says why nothing is sent there, empty when it is open; `failures` counts the attempts in a row
    that failed. `locale` is that of texts sent there: `language`, which was chosen for a shared place, `server_locale`,
    which its server reports, or the owner's. A digest waits for `digest_min` papers, lists
    `digest_max` at most (0: all), and is sent even without any if `digest_empty`; with `digest_sections` its papers
    stand under the subscriptions that wanted them. `list` is the number of a shared place's list, which it has together
    with all places of its `community` (an address, empty for none). `threads` is `on` where each announcement opens a
    thread, `refused` once the platform didn't let us, and else empty.
    """

    number: int
    channel: str
    address: str
    kind: str
    title: str
    owner: int
    cadence: str
    zone: str
    quiet: str
    style: str
    paused: str
    failures: int = 0
    locale: str = "en"
    digest_min: int = 1
    digest_max: int = 0
    digest_empty: bool = False
    digest_sections: bool = True
    list: int = 0
    community: str = ""
    threads: str = ""
    language: str = ""
    server_locale: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether more than one person reads there."""
        return self.kind in SHARED

    def quiet_until(self, at: datetime) -> datetime | None:
        """When the quiet hours end in which an instant lies; None if it lies in none."""
        return Quiet.parse(self.quiet).until(self.zone, at) if self.quiet else None

    @property
    def has_list(self) -> bool:
        """Whether papers are submitted to a list of its own, over which it can meet as a journal club."""
        return self.kind in LISTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A query as typed, with what it wants and where it goes.

    It belongs to a `person` or to a shared `place`; the other number is 0. `added_by` is who added it to the place, and
    `adder` their name (0 and empty if that isn't known any more). `number` is ours, `ordinal` the one its owner sees,
    from 1. `query` is the stored query's number and `key` its key. `occasions` holds `arrival` and any of `versions`,
    `withdrawn`. `cadence` is empty when the place's default counts. `mention` is a role that its alerts ping, empty for
    none; a `silent` one's make no sound. `destinations` are numbers. `edited_at` is when its query was changed last,
    None if that can't be undone.
    """

    number: int
    person: int
    place: int
    ordinal: int
    query: int
    key: str
    text: str
    name: str
    occasions: frozenset[str]
    cadence: str
    paused: bool
    began_at: datetime
    destinations: tuple[int, ...]
    mention: str = ""
    added_by: int = 0
    adder: str = ""
    edited_at: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or a place; the other number is None."""

    person: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What is stored about a person: places with numbers of subscriptions and watched papers, saved papers, votes.

    `nowhere` is how many subscriptions lead to feeds alone, `talks` how many papers they present at meetings. `shared`
    places stay.
    """

    places: tuple[tuple[StoredPlace, int, int], ...]
    nowhere: int
    saved: int
    votes: int
    talks: int
    shared: tuple[SharedPlace, ...]


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A shared place, how many subscriptions it has, and how many of them a certain person added."""

    place: StoredPlace
    subscriptions: int
    added: int


UNDO_LASTS = timedelta(days=7)
"""How long what was ended can be brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What was ended at a place at one instant and can be restored as it was.

    `deleted` are numbers of subscriptions that went nowhere else, `diverted` those that go on elsewhere, and `names`
    what both are called. `closed` says that the place was closed, and `paused` why it took nothing before.
    """

    left_at: datetime
    names: tuple[str, ...]
    deleted: tuple[int, ...]
    diverted: tuple[int, ...]
    closed: bool
    paused: str

    @property
    def second(self) -> int:
        """The instant as a form names it."""
        return int(self.left_at.timestamp())


MuteKind: TypeAlias = Literal["author", "category", "subscription", "accepted", "code"]
ACCEPTANCES: tuple[MuteKind, str] = ("accepted", "all")
"""The mute of a place that is not to hear of the acceptance of papers which are followed, saved or voted for there."""
CODE_ARRIVALS: tuple[MuteKind, str] = ("code", "all")
"""The same for the arrival of their code."""


def mute_value(kind: MuteKind, value: str) -> str:
    """What is kept of a mute: an author's name regardless of case and accents, a category in small letters.

    `value` is a name, a category or a subscription's number in digits; two that fold alike are one mute.
    """
    return folded(value) if kind == "author" else value.strip().casefold()


def mute_keys(paper: Paper) -> frozenset[tuple[str, str]]:
    """All (kind, value) pairs by which a place may have muted this paper, for any subscriber."""
    authors = {("author", mute_value("author", name)) for name in paper.authors}
    categories = {("category", mute_value("category", name)) for name in paper.categories}
    return frozenset(authors | categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """What a place does not want to hear of; `value` is what `mute_value` makes of `shown`."""

    number: int
    kind: MuteKind
    value: str
    shown: str
