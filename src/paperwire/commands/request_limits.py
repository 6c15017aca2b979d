"""How many requests there may be whose links wait for a yes: of one client, for one mailbox, and in all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.core.tokens import pseudonym
from paperwire.errors import TooMany

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports.requests import Place
    from paperwire.store.unit import Unit
    from paperwire.texts import Texts

PER_MAILBOX, PER_CLIENT = 3, 10
"""Requests for one mailbox in a day, and of one client in an hour."""
MOST_OPEN = 100
"""Requests of an hour that no reader has confirmed: what all clients together may make us mail to strangers."""
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)


async def admit(context: Context, unit: Unit, client: str, texts: Texts) -> str:
    """Let a client make one more request, and return what it is kept as; raises TooMany."""
    digest = pseudonym(context.secret_key, f"client {client}")
    if await unit.opt_ins.asked_by(digest, unit.now - _AN_HOUR) >= PER_CLIENT:
        raise TooMany(texts.gettext("Too many requests. Try again in an hour."), _AN_HOUR)
    return digest


async def check_mailbox(unit: Unit, place: Place, texts: Texts) -> None:
    """Raise TooMany where an address, or all addresses together, had enough messages that ask for a yes."""
    if await unit.opt_ins.asked(place.channel, place.address, unit.now - _A_DAY) >= PER_MAILBOX:
        raise TooMany(
            texts.gettext(
                "%(count)s messages went to this address in the last 24 hours. Open the link in one of them (look among"
                " the spam, too), or try again tomorrow.",
                count=PER_MAILBOX,
            ),
            _A_DAY,
        )
    if await unit.opt_ins.unconfirmed(unit.now - _AN_HOUR) >= MOST_OPEN:
        raise TooMany(texts.gettext("Too many people are subscribing at the moment. Try again in an hour."), _AN_HOUR)
