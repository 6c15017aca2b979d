"""Rate limits: requests a minute from one user and in one place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from paperwire.errors import CommandError, TooMany
from paperwire.ports.callers import Caller

LONGEST_ARGUMENTS = 4096
"""Characters of a request's words, and of each of its options."""
PER_USER = 20
PER_PLACE = 60
PER_READER = 120
"""Presses a minute under papers on pages: who reads a day saves and votes faster than anyone talks to a bot."""
PER_TYPIST = 120
"""Lists of choices a minute for one user: platforms ask for them with every few letters."""
_MOST_KEPT = 10_000


class Bucket:
    """Token buckets by name, each filled at `per_minute` up to `at_once` tokens (as many if it is 0).

    In memory: those least recently asked for are forgotten first, and are full then.
    """

    def __init__(self, per_minute: int, at_once: int = 0) -> None:
        self._size = float(at_once or per_minute)
        self._per_second = per_minute / 60
        self._levels: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, name: str, now: datetime) -> float:
        """Take one token: 0.0 if there was one, else the seconds until there is, with nothing taken."""
        level, seen = self._levels.get(name, (self._size, now))
        # A clock that was set back changes no level.
        level = min(self._size, level + max((now - seen).total_seconds(), 0.0) * self._per_second)
        if level < 1 - 1e-9:
            self._levels.move_to_end(name)
            return round((1 - level) / self._per_second, 3)
        self._levels[name] = level - 1, now
        self._levels.move_to_end(name)
        if len(self._levels) > _MOST_KEPT:
            self._levels.popitem(last=False)
        return 0.0


class Limits:
    """The two limits together: a user who is refused costs their place nothing."""

    def __init__(self) -> None:
        self._users = Bucket(PER_USER)
        self._places = Bucket(PER_PLACE)
        self._typists = Bucket(PER_TYPIST)
        self._readers = Bucket(PER_READER)

    def check(self, caller: Caller, words: Iterable[str], now: datetime, *, reads: bool = False) -> None:
        """Raise TooMany for a request that comes too soon, CommandError for one that has too long `words`.

        Who `reads` presses a button under a paper, which has a limit of its own.
        """
        texts = caller.texts
        if wait := self._readers.take(_name(caller), now) if reads else self.wait(caller, now):
            seconds = max(round(wait), 1)
            # Translators: %(seconds)s is a number.
            text = texts.gettext("Too many requests. Try again in %(seconds)s s.", seconds=seconds)
            raise TooMany(text, timedelta(seconds=seconds))
        if any(len(text) > LONGEST_ARGUMENTS for text in words):
            limit = texts.number(LONGEST_ARGUMENTS)
            raise CommandError(texts.gettext("Too long: at most %(limit)s characters.", limit=limit))

    def has_choices(self, caller: Caller, typed: str, now: datetime) -> bool:
        """Whether choices for what a user is typing may be looked up now; those cost no answer to a command."""
        return len(typed) <= LONGEST_ARGUMENTS and not self._typists.take(_name(caller), now)

    def wait(self, caller: Caller, now: datetime) -> float:
        """Seconds until this caller may ask again; 0.0 if it may be answered now."""
        place = caller.place
        return self._users.take(_name(caller), now) or self._places.take(f"{place.channel}:{place.address}", now)


def _name(caller: Caller) -> str:
    return f"{caller.actor.channel}:{caller.actor.user_id}"
