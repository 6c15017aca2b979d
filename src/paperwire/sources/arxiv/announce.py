"""The daily view of arXiv: announcement feeds, read until they change, known by their ids, never by dates."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog
from httpx import codes

from paperwire.core.days.batch import Listing
from paperwire.core.days.calendar import NEW_YORK, Closures, current_day, listed_day
from paperwire.core.days.dates import is_possible
from paperwire.core.papers.categories import CATEGORIES, TWIN
from paperwire.core.papers.paper import ARRIVALS, Event
from paperwire.errors import SourceRefused
from paperwire.ports.options import Now
from paperwire.ports.sources import Page
from paperwire.sources._http import NO_VALIDATORS, Fetched, Validators
from paperwire.sources.arxiv.feed import Announcement, AnnouncementFeed, merged, parse_feed

_log = structlog.get_logger(__name__)

VIEW = "rss"
ALARM, LIMIT = 1_900, 2_000
"""Items in one answer from which on arXiv's cut is too near, as it may take the new papers first, and where it is."""
# Batches whose items are remembered, so that an old list under a new date is known for what it is.
_DAYS_KEPT = 3
_HASH_BYTES = 6  # of each item
# Maximum items on a busy day of a category that may have none on a quiet one.
_SMALL = 60
_ARRIVALS = {"new", "cross"}


@dataclass(frozen=True, slots=True)
class _Seen:
    """The cursor of one part: the categories asked for, and the marks of the items of the last batches by day.

    `unknown` are categories of which arXiv knew nothing on `unknown_on`, a UTC day; they are asked for again the day
    after.
    """

    validators: Validators = NO_VALIDATORS
    categories: tuple[str, ...] = ()
    days: dict[date, frozenset[bytes]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    unknown_on: str = ""

    @classmethod
    def load(cls, cursor: str) -> _Seen:
        raw = json.loads(cursor)
        days = {date.fromisoformat(day): _unpacked(marks) for day, marks in raw["days"].items()}
        unknown = frozenset(raw.get("unknown", ()))
        validators = Validators(raw["etag"], raw["modified"])
        return cls(validators, tuple(raw["classes"]), days, unknown, raw.get("unknown_on", ""))

    def dump(self) -> str:
        days = {day.isoformat(): base64.b64encode(b"".join(sorted(marks))).decode() for day, marks in self.days.items()}
        raw = {
            "etag": self.validators.etag,
            "modified": self.validators.last_modified,
            "classes": self.categories,
            "days": days,
            "unknown": sorted(self.unknown),
            "unknown_on": self.unknown_on,
        }
        return json.dumps(raw, separators=(",", ":"))

    def has(self, mark: bytes) -> bool:
        return any(mark in marks for marks in self.days.values())

    def with_batch(self, day: date, marks: Iterable[bytes]) -> _Seen:
        """`marks` that are new belong to `day`; only the last few days are kept."""
        new = frozenset(mark for mark in marks if not self.has(mark))
        days = {**self.days, day: self.days.get(day, frozenset()) | new}
        return replace(self, days={day: days[day] for day in sorted(days)[-_DAYS_KEPT:]})


def _unpacked(marks: str) -> frozenset[bytes]:
    raw = base64.b64decode(marks)
    return frozenset(raw[start : start + _HASH_BYTES] for start in range(0, len(raw), _HASH_BYTES))


def _mark(item: Announcement) -> bytes:
    """What makes an item another one: its version, or categories added to it (a cross-list has the old version)."""
    text = f"{item.guid} {' '.join(sorted(item.paper.categories))}"
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).digest()


@dataclass(frozen=True, slots=True)
class _FeedAnswer:
    """What a feed shows, None if it is unchanged.

    `unknown` are those of the categories asked for that arXiv doesn't know, `cut` those whose list goes on after it.
    """

    feed: AnnouncementFeed | None
    validators: Validators = NO_VALIDATORS
    unknown: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()


class Announcements:
    """Reads the feed of a group of categories; `ask` gets a URL with arXiv's manners."""

    def __init__(
        self,
        ask: Callable[[str, Validators], Awaitable[Fetched]],
        *,
        url: str,
        now: Now,
        closures: Closures,
    ) -> None:
        self._ask = ask
        self._url = url.rstrip("/")
        self._now = now
        self._closures = closures

    async def poll(self, part: str, categories: tuple[str, ...], cursor: str) -> AsyncIterator[Page]:
        """The pages of one look at the feed; always at least one, without events if nothing is new.

        The first look at a part, and at a category that was not followed before, is quiet. A page's listings say of
        each category what the feed shows of the day's batch, and whether it is that batch, not an older one.
        """
        seen = _Seen.load(cursor) if cursor else _Seen()
        answer = await self._read_known(seen, categories)
        if (feed := answer.feed) is None:
            yield Page(part=part, events=(), cursor=cursor, view=VIEW)
            return
        marks = {_mark(item): item for item in feed.items.values()}
        fresh = [item for mark, item in marks.items() if not seen.has(mark)]
        day = self._day_of(seen, self._built(feed), is_another=len(fresh) * 2 > len(marks))
        after = seen.with_batch(day, marks) if marks else seen
        after = replace(after, validators=answer.validators, categories=categories, unknown=answer.unknown)
        after = replace(after, unknown_on=self._now().date().isoformat())
        is_known = bool(marks) or self._is_quiet_day(categories, feed, day)
        listings = tuple(
            _listing(name, day, after.days.get(day, frozenset()), marks, is_cut=name in answer.cut)
            for name in categories
            if is_known and name not in answer.unknown
        )
        quiet = [item for item in fresh if _categories_of(item, categories).isdisjoint(seen.categories)]
        loud = [item for item in fresh if not _categories_of(item, categories).isdisjoint(seen.categories)]
        if quiet and loud:
            # The cursor moves with the last page only, so that a crash in between repeats instead of losing.
            cursor = seen.dump()
            yield Page(part=part, events=_events(quiet, day), cursor=cursor, quiet=True, first_look=True, view=VIEW)
        first = not loud and (not seen.categories or bool(quiet))
        yield Page(
            part=part,
            events=_events(loud or quiet, day),
            cursor=after.dump(),
            quiet=first,
            first_look=first,
            view=VIEW,
            listings=listings,
        )

    async def _read_known(self, seen: _Seen, categories: tuple[str, ...]) -> _FeedAnswer:
        """The feed of these categories, without those that arXiv didn't know earlier on the same day."""
        today = self._now().date().isoformat()
        unknown = seen.unknown if seen.unknown_on == today else frozenset()
        is_same = seen.categories == categories and seen.unknown == unknown
        names = tuple(name for name in categories if name not in unknown)
        answer = await self._read(names, seen.validators if is_same else NO_VALIDATORS)
        return replace(answer, unknown=unknown | answer.unknown)

    def _is_quiet_day(self, categories: tuple[str, ...], feed: AnnouncementFeed, day: date) -> bool:
        """Whether an empty feed says that nothing came on `day`: it is today's, of categories that may have nothing."""
        built = feed.rendered
        is_small = sum(CATEGORIES[name].items for name in categories) <= _SMALL
        return is_small and built is not None and self._built(feed).astimezone(NEW_YORK).date() == day

    def _built(self, feed: AnnouncementFeed) -> datetime:
        """When a feed was built; one that names no time, or one that cannot be, was built just now."""
        now = self._now()
        if feed.rendered is None or is_possible(feed.rendered, now):
            return feed.rendered or now
        _log.warning("impossible dates refused", source="arxiv", dates=1, example=str(feed.rendered))
        return now

    def _day_of(self, seen: _Seen, at: datetime, *, is_another: bool) -> date:
        """The day of the batch in a feed built at `at`; in the evening it may still be the one of the day that ends.

        On a day without an expected batch a feed is empty or shows the last list. If it `is_another`, mostly unseen,
        it was announced all the same and is of the day on which it appears.
        """
        shown, today = listed_day(at, self._closures), at.astimezone(NEW_YORK).date()
        if seen.days and is_another and shown != today:
            return max(today, current_day(at, self._closures))
        return current_day(at, self._closures) if seen.days.get(shown) else shown

    async def _read(self, categories: tuple[str, ...], validators: Validators) -> _FeedAnswer:
        """The feed of these categories; asked again in halves if it is near the cut, or one of them is unknown."""
        try:
            fetched = await self._ask(f"{self._url}/{'+'.join(categories)}", validators)
        except SourceRefused as error:
            if error.status != codes.BAD_REQUEST or len(categories) == 1:
                raise
            return await self._in_halves(categories)
        if fetched.not_modified:
            return _FeedAnswer(None, validators)
        feed = await asyncio.to_thread(parse_feed, fetched.body)
        if len(feed.items) < ALARM:
            return _FeedAnswer(feed, fetched.validators)
        _log.warning("announcement feed near its limit", categories=categories, items=len(feed.items))
        if len(categories) > 1:
            return await self._in_halves(categories)
        return _FeedAnswer(feed, fetched.validators, cut=frozenset(categories if len(feed.items) >= LIMIT else ()))

    async def _in_halves(self, categories: tuple[str, ...]) -> _FeedAnswer:
        """The feeds of both halves as one. Raises SourceRefused if arXiv knows none of the categories."""
        half = len(categories) // 2
        halves = [await self._read_half(names) for names in (categories[:half], categories[half:])]
        unknown = halves[0].unknown | halves[1].unknown
        if len(unknown) == len(categories):
            raise SourceRefused(f"arXiv knows none of {', '.join(sorted(unknown))} (HTTP 400)", status=400)
        feed, cut = merged(answer.feed for answer in halves if answer.feed), halves[0].cut | halves[1].cut
        return _FeedAnswer(feed, unknown=unknown, cut=cut)

    async def _read_half(self, categories: tuple[str, ...]) -> _FeedAnswer:
        """Half of a feed; without one if arXiv knows none of its categories."""
        try:
            return await self._read(categories, NO_VALIDATORS)
        except SourceRefused as error:
            if error.status != codes.BAD_REQUEST:
                raise
            if len(categories) == 1:
                _log.warning("arXiv doesn't know this category", category=categories[0])
            return _FeedAnswer(None, unknown=frozenset(categories))


def _categories_of(item: Announcement, categories: tuple[str, ...]) -> set[str]:
    """Those of `categories` the item is in; all of them for an item in none, as arXiv sent it all the same."""
    own = set(item.paper.categories)
    own |= {TWIN[name] for name in own if name in TWIN}
    return own.intersection(categories) or set(categories)


def _listing(
    name: str, day: date, batch: frozenset[bytes], marks: dict[bytes, Announcement], *, is_cut: bool
) -> Listing:
    """What a feed shows of the batch of category `name`, and whether the list there is of that batch.

    Papers of which it is the first category tell, as others may come from another category's list.
    """
    names = {name, TWIN.get(name, name)}
    inside = {mark: item for mark, item in marks.items() if not names.isdisjoint(item.paper.categories)}
    own = [mark for mark, item in inside.items() if item.paper.primary_category in names]
    telling = own or list(inside)
    current = sum(mark in batch for mark in telling) * 2 >= len(telling)
    shown = [item for mark, item in inside.items() if mark in batch]
    arrived = [item for item in shown if item.announce in _ARRIVALS]
    new = frozenset(
        item.paper.id for item in arrived if item.announce == "new" and item.paper.primary_category in names
    )
    return Listing(
        part=name,
        day=day,
        new=new,
        crossed=frozenset(item.paper.id for item in arrived) - new,
        replaced=frozenset(item.guid for item in shown if item.announce not in _ARRIVALS),
        # A list without any paper is suspicious in a category that has some every day.
        whole=current and not is_cut and (bool(telling) or CATEGORIES[name].items <= _SMALL),
        stale=not current,
        cut=current and is_cut,
    )


def _events(items: Iterable[Announcement], day: date) -> tuple[Event, ...]:
    return tuple(
        Event(
            kind=item.kind,
            paper=replace(item.paper, announced=day) if item.kind in ARRIVALS else item.paper,
            source="arxiv",
            day=day,
        )
        for item in items
    )
