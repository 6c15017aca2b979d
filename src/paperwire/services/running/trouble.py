"""What of the state of the service is trouble for its operator."""

from __future__ import annotations

from datetime import datetime, timedelta

from paperwire.core.health import Health
from paperwire.texts import ENGLISH
from paperwire.wording.times import utc
from paperwire.wording.workload import missing_line

LEAST_ROOM = 1e9
"""Bytes that the disk of the database should have free."""
_LASTING = timedelta(minutes=5)
_SOURCES = timedelta(hours=6)
_MATCHING = timedelta(hours=1)
_PASSING = frozenset({"", "connecting", "the terminal is closed"})
"""States in which a channel is for a moment, or that a missing role explains."""


def troubles_of(health: Health, free: float | None, now: datetime) -> dict[str, str]:
    """The troubles of the service by name, each with what is the matter; `free` are the bytes left for the database."""
    troubles = {f"role {role}": missing_line(role, health, ENGLISH).removeprefix("⚠ ") for role in health.missing}
    for channel in health.channels:
        if not channel.is_up and channel.state not in _PASSING:
            troubles[f"channel {channel.kind}"] = channel.state
    for source in health.sources:
        if source.error:
            # Translators: %(error)s is what went wrong, in English.
            troubles[f"source {source.name}"] = ENGLISH.gettext("can't be read: %(error)s", error=source.error)
    troubles |= {f"stage {stage.name}": stage.reason for stage in health.troubles if not stage.database}
    since = health.unmatched_since
    if since is not None and "match" not in health.missing and now - since > _MATCHING:
        troubles["matching"] = ENGLISH.ngettext(
            "%(num)s announcement waits to be matched, since %(when)s",
            "%(num)s announcements wait to be matched, the first since %(when)s",
            health.unmatched,
            when=utc(since),
        )
    if free is not None and free < LEAST_ROOM:
        megabytes = ENGLISH.number(round(free / 1e6))
        # Translators: %(size)s is a number.
        troubles["disk"] = ENGLISH.gettext("%(size)s MB are left for the database", size=megabytes)
    return troubles


def patience_with(name: str) -> timedelta:
    """How long a trouble lasts before operators are notified."""
    return _SOURCES if name.startswith("source ") else timedelta() if name == "disk" else _LASTING
