"""Who may change what is shared."""

from __future__ import annotations

from paperwire.errors import CommandError
from paperwire.ports.callers import Caller


def only_managers(caller: Caller) -> None:
    """Raise CommandError unless the caller may change things where they are."""
    if not caller.can_manage and caller.place.is_shared:
        raise CommandError(caller.texts.gettext("Only managers can change subscriptions and settings here."))
