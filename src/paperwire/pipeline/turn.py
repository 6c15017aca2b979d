"""One turn of a place as a value: each step of its delivery takes one and returns the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Literal

from paperwire.core.deliveries.due import Due, Entry, Key, by_paper
from paperwire.core.messages.bundles import Backlog, Bundle, digest_bundles, make_bundles
from paperwire.core.messages.calmer import MOST_NAMED
from paperwire.core.messages.digests import Digest
from paperwire.core.messages.failures import steps_aside
from paperwire.core.subscriptions.meeting import Reminder
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.pipeline.digests import Loaded, news_of, section_of


@dataclass(frozen=True, slots=True)
class Turn:
    """What a place gets in one turn: the message that comes `next`, those `left` after it, how many were `sent`.

    It gets up to `most` messages of up to `size` papers. `message` is the platform's id of `next` once that went out.
    `loaded_as_of` is the number of changes (`Outbox.changes`) before its messages were looked up, None before that.
    `digest` is the one of a slot that is being sent. `doubted` is the message that failed before the `next` one, which
    shows whether that was its own fault. `over` says that the turn has ended in the database, too.
    """

    place: StoredPlace
    most: int = 0
    size: int = 0
    next: Bundle[Due] | None = None
    message: str | None = None
    left: tuple[Bundle[Due], ...] = ()
    sent: int = 0
    loaded_as_of: int | None = None
    digest: Digest | None = None
    doubted: Bundle[Due] | None = None
    over: bool = False

    @property
    def owed(self) -> tuple[Due, ...]:
        """The deliveries that the next message carries."""
        return self.next.owed if self.next is not None else ()

    @property
    def keys(self) -> list[Key]:
        return [delivery.key for delivery in self.owed]

    @property
    def goes_on(self) -> bool:
        """Whether the place may get another message in this turn."""
        return self.sent < self.most and (bool(self.left) or self.loaded_as_of is None)

    @property
    def has_sent_digest(self) -> bool:
        """Whether the digest that is being sent has no message left."""
        left = (self.next, *self.left) if self.next is not None else self.left
        return self.digest is not None and all(bundle.digest != self.digest for bundle in left)

    def arrived(self, message: str) -> Turn:
        """The turn after its next message went out."""
        return replace(self, message=message, doubted=None)

    def settled(self) -> Turn:
        """The turn between two messages."""
        return replace(self, next=None, message=None, sent=self.sent + (self.message is not None))

    def ended(self) -> Turn:
        """The turn once the database has its end."""
        return replace(self, over=True)

    def first(self) -> Turn:
        """The turn with the first of the messages left as its next one."""
        return replace(self, next=self.left[0], left=self.left[1:]) if self.left else self

    def split(self) -> Turn:
        """The turn with each delivery of its next message as a message of its own, to find the one refused."""
        return replace(self.settled(), left=(*_alone(self.owed), *self.left))

    def passed_over(self) -> Turn:
        """The turn without its next message for now; the one after it shows whether the failure was its own."""
        return replace(self.settled(), doubted=self.next)

    def at(self, place: StoredPlace) -> Turn:
        """The turn at its place as it is now; in another style its messages are looked up again."""
        if place.style == self.place.style:
            return replace(self, place=place)
        return replace(self, place=place, left=(), loaded_as_of=None)

    def carrying(self, deliveries: Iterable[Due]) -> Turn:
        """The turn with what is still `wanted` of its next message, as it is now; without one if that is nothing."""
        if self.next is None or not self.next.owed:
            return self
        now = {delivery.key: delivery for delivery in deliveries}
        owed = tuple(now[key] for key in self.keys if key in now)
        return replace(self, next=replace(self.next, owed=owed) if owed else None)

    def packed(self, loaded: Loaded, unloaded: int, now: datetime, *, reminder: Bundle[Due] | None, as_of: int) -> Turn:
        """The turn with the first message of what is owed, `unloaded` left out; what a crash broke off comes first."""
        # Of what failed together only one may be at fault.
        aside = [delivery for delivery in loaded.instant if steps_aside(delivery.attempts)]
        owed = [delivery for delivery in loaded.instant if not steps_aside(delivery.attempts)]
        instant = by_paper(delivery for delivery in owed if delivery.begun_at is None)
        # What a break-down caught on its way has waited longest, unless that message itself fails.
        waited = [delivery.due_at for delivery in owed if not delivery.attempts]
        count = len(by_paper(owed)) + unloaded
        backlog = Backlog(count=count, unloaded=unloaded, overdue=now - min(waited, default=now))
        packs = make_bundles(instant, style=self.place.style, per_minute=self.most, size=self.size, backlog=backlog)
        facts = {"": 1} if unloaded else news_of(instant)
        brought_by = _brought_by(owed, self.place.cadence)
        again = [replace(bundle, brought_by=brought_by, size=self.size) for bundle in self._interrupted(owed, backlog)]
        bundles = [replace(_flat(pack, facts), brought_by=brought_by, size=self.size) for pack in packs]
        carrying = [*again, *self._digest(loaded), *bundles]
        carrying[-1:] = [replace(bundle, left_out=loaded.left_out) for bundle in carrying[-1:]]
        left = (*filter(None, [reminder]), *carrying, *_alone(aside))
        return replace(self, left=left, digest=loaded.digest, loaded_as_of=as_of).first()

    def _digest(self, loaded: Loaded) -> list[Bundle[Due]]:
        """The messages that are left of the digest that is due."""
        digest = loaded.digest
        if digest is None or (not loaded.members and (digest.papers or digest.sent)):
            return []
        fresh = by_paper(delivery for delivery in loaded.members if delivery.begun_at is None)
        begun = [by_paper(group) for group in _as_begun(loaded.members)]
        sectioned = self.place.digest_sections and len({section_of(delivery) for delivery in loaded.members}) > 1
        packs = digest_bundles(begun, fresh, digest, size=self.size, sectioned=sectioned)
        return [_flat(pack, loaded.facts) for pack in packs]

    def _interrupted(self, owed: Sequence[Due], backlog: Backlog) -> list[Bundle[Due]]:
        """The messages that failed or that a crash broke off, as they were."""
        several: Literal["digest", "list"] = "digest" if backlog.is_flood(self.most) else "list"
        groups = [by_paper(group) for group in _as_begun(owed)]
        packs = [
            Bundle(
                several if len(group) > 1 or self.place.style == "list" else "single", tuple(group), whole=len(group)
            )
            for group in groups
        ]
        return [_flat(pack, news_of(pack.owed)) for pack in packs]


def _flat(pack: Bundle[Entry], facts: Mapping[str, int]) -> Bundle[Due]:
    """The message of several papers as that of their deliveries, with what is news of the whole."""
    owed = tuple(chain.from_iterable(pack.owed))
    return Bundle(
        pack.form, owed, pack.part, pack.parts, pack.whole, pack.first, pack.digest, pack.sectioned, facts=facts
    )


def _brought_by(owed: Iterable[Due], cadence: str) -> tuple[int, ...]:
    """The subscriptions that want most of these papers at once, at a place with this cadence; the first few."""
    counts = Counter(
        matched.number for due in owed for matched in due.subscriptions if (matched.cadence or cadence) == "instant"
    )
    return tuple(number for number, _ in counts.most_common(MOST_NAMED))


def _alone(owed: Iterable[Due]) -> tuple[Bundle[Due], ...]:
    """Each delivery as a message of its own."""
    return tuple(Bundle("single", (delivery,)) for delivery in owed)


def _as_begun(owed: Sequence[Due]) -> list[tuple[Due, ...]]:
    """What was begun together, the first first."""
    again: defaultdict[datetime, list[Due]] = defaultdict(list)
    for delivery in owed:
        if delivery.begun_at is not None:
            again[delivery.begun_at].append(delivery)
    return [tuple(again[begun]) for begun in sorted(again)]


def reminders_of(bundles: Iterable[Bundle[Due] | None]) -> list[Reminder]:
    return [bundle.reminder for bundle in bundles if bundle is not None and bundle.reminder is not None]
