"""The daily view of arXiv: announcement feeds, read until they change and told apart by their ids, never by dates."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import structlog

from paperwire.core.calendar import current_day
from paperwire.core.categories import CATEGORIES, TWIN
from paperwire.core.paper import Event, EventKind
from paperwire.ports import Page
from paperwire.sources._http import NO_VALIDATORS, Validators
from paperwire.sources.arxiv.feed import Feed, Item, merged, parse_feed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from paperwire.ports import Now
    from paperwire.sources._http import Fetched

_log = structlog.get_logger(__name__)

ALARM = 1_900
"""Items in one answer from which on the cut at 2,000 is too near, as it may take the new papers first (FACTS 1)."""
_SAMPLE = 32
# A class with at most so many items on a busy day may have none on a quiet one.
_SMALL = 60


@dataclass(frozen=True, slots=True)
class _Seen:
    """The cursor of one part: what the last feed with items looked like.

    `classes` has for each class the hash of its ids and the day on which they were new; `sample` some of all ids;
    `day` is the batch's.
    """

    validators: Validators = NO_VALIDATORS
    classes: dict[str, tuple[str, str]] = field(default_factory=dict)
    sample: tuple[str, ...] = ()
    day: date | None = None

    @classmethod
    def load(cls, cursor: str) -> _Seen:
        raw = json.loads(cursor)
        return cls(
            Validators(raw["etag"], raw["modified"]),
            {name: (digest, day) for name, (digest, day) in raw["classes"].items()},
            tuple(raw["sample"]),
            date.fromisoformat(raw["day"]) if raw["day"] else None,
        )

    def dump(self) -> str:
        return json.dumps(
            {
                "etag": self.validators.etag,
                "modified": self.validators.last_modified,
                "classes": self.classes,
                "sample": self.sample,
                "day": self.day.isoformat() if self.day else "",
            },
            separators=(",", ":"),
        )


class Announcements:
    """Reads the feed of a group of classes; `ask` gets a URL with arXiv's manners."""

    def __init__(self, ask: Callable[[str, Validators], Awaitable[Fetched]], *, url: str, now: Now) -> None:
        self._ask = ask
        self._url = url.rstrip("/")
        self._now = now

    async def poll(self, part: str, classes: tuple[str, ...], cursor: str) -> AsyncIterator[Page]:
        """The pages of one look at the feed; always at least one, without events if nothing is new.

        The first look at a part, and at a class that was not followed before, is quiet.
        """
        seen = _Seen.load(cursor) if cursor else _Seen()
        known = set(seen.classes)
        validators = seen.validators if known == set(classes) else NO_VALIDATORS
        feed, validators = await self._read(classes, validators)
        if feed is None:
            yield Page(part=part, events=(), cursor=cursor, view="rss")
            return
        after, day, fresh = self._compare(seen, classes, feed)
        after = replace(after, validators=validators)
        listed = tuple(name for name in classes if day and _is_listed(name, after, day, feed))
        quiet = [item for item in fresh if known.isdisjoint(_classes_of(item, classes))]
        loud = [item for item in fresh if not known.isdisjoint(_classes_of(item, classes))]
        if quiet and loud:
            # The cursor moves with the last page only, so that a crash in between repeats instead of losing.
            yield Page(part=part, events=_events(quiet, day), cursor=seen.dump(), quiet=True, view="rss", day=day)
        yield Page(
            part=part,
            events=_events(loud or quiet, day),
            cursor=after.dump(),
            quiet=not loud and (not known or bool(quiet)),
            view="rss",
            day=day if listed else None,
            listed=listed,
        )

    async def _read(self, classes: tuple[str, ...], validators: Validators) -> tuple[Feed | None, Validators]:
        """The feed of these classes, None if it is unchanged; an answer near the cut is asked again in halves."""
        answer = await self._ask(f"{self._url}/{'+'.join(classes)}", validators)
        if answer.not_modified:
            return None, validators
        feed = await asyncio.to_thread(parse_feed, answer.body)
        if len(feed.items) < ALARM:
            return feed, answer.validators
        _log.warning("announcement feed near its limit", classes=classes, items=len(feed.items))
        if len(classes) == 1:
            return feed, answer.validators
        half = len(classes) // 2
        halves = [await self._read(some, NO_VALIDATORS) for some in (classes[:half], classes[half:])]
        return merged(found for found, _ in halves if found), NO_VALIDATORS

    def _compare(self, seen: _Seen, classes: tuple[str, ...], feed: Feed) -> tuple[_Seen, date | None, list[Item]]:
        """What is seen now, the batch's day, and the items that the last look did not show."""
        if not feed.items:
            # A weekend, a holiday, or a false empty: the last batch stays the one to compare with.
            return replace(seen, classes={name: seen.classes.get(name, ("", "")) for name in classes}), None, []
        shared = sum(guid in feed.items for guid in seen.sample)
        same = seen.day is not None and shared * 2 > len(seen.sample)
        day = seen.day if same and seen.day else current_day(feed.rendered or self._now())
        now_at: dict[str, tuple[str, str]] = {}
        for name in classes:
            digest = _digest(guid for guid, item in feed.items.items() if name in _classes_of(item, classes))
            before = seen.classes.get(name, ("", ""))
            now_at[name] = before if digest in {"", before[0]} else (digest, day.isoformat())
        moved = {name for name in classes if now_at[name] != seen.classes.get(name)}
        fresh = [item for item in feed.items.values() if not moved.isdisjoint(_classes_of(item, classes))]
        sample = tuple(sorted(feed.items, key=_spread)[:_SAMPLE])
        return replace(seen, classes=now_at, sample=sample, day=day), day, fresh


def _classes_of(item: Item, classes: tuple[str, ...]) -> set[str]:
    """Those of `classes` the item is in; all of them for an item in none, as arXiv sent it all the same."""
    own = set(item.paper.categories)
    own |= {TWIN[name] for name in own if name in TWIN}
    return own.intersection(classes) or set(classes)


def _is_listed(name: str, seen: _Seen, day: date, feed: Feed) -> bool:
    """Whether the feed shows the list of class `name` for `day`, and not an older one or suspiciously nothing."""
    has_items = any(
        name in item.paper.categories or TWIN.get(name) in item.paper.categories for item in feed.items.values()
    )
    return seen.classes[name][1] == day.isoformat() if has_items else CATEGORIES[name].items <= _SMALL


def _digest(guids: Iterable[str]) -> str:
    ids = sorted(guids)
    return hashlib.blake2b("\n".join(ids).encode(), digest_size=8).hexdigest() if ids else ""


def _spread(guid: str) -> bytes:
    """An order without any relation to age, kind or class."""
    return hashlib.blake2b(guid.encode(), digest_size=8).digest()


def _events(items: Iterable[Item], day: date | None) -> tuple[Event, ...]:
    arrivals = {EventKind.NEW, EventKind.CROSS}
    return tuple(
        Event(
            kind=item.kind,
            paper=replace(item.paper, announced=day) if item.kind in arrivals else item.paper,
            source="arxiv",
            day=day,
        )
        for item in items
    )
