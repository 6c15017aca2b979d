"""How often strangers may ask for mails and links."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_interface, ip_network

from paperwire.core.tokens import pseudonym
from paperwire.errors import TooMany
from paperwire.ports.callers import Place
from paperwire.services.context import Context
from paperwire.store.unit import Unit
from paperwire.texts import Texts

PER_MAILBOX, PER_CLIENT = 3, 10
"""Requests for one mailbox in a day, and of one client in an hour."""
MOST_OPEN, PER_NETWORK = 100, 25
"""Requests of an hour that no reader has confirmed: what all clients together, and those of one network, may make us
mail to strangers."""
_NETWORKS = {4: 24, 6: 48}
"""Bits of an address that are the same in a network that one tenant may have all of."""
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)


async def admit(context: Context, unit: Unit, client: str, texts: Texts) -> str:
    """Let a client make one more request, and return what it is kept as; raises TooMany."""
    since, network = unit.now - _AN_HOUR, _network_of(client)
    digest = pseudonym(context.secret_key, f"client {client}")
    prefix = f"{pseudonym(context.secret_key, f'network {network}')}." if network else ""
    of_network = await unit.opt_ins.unconfirmed(since, prefix) if network else 0
    if of_network >= PER_NETWORK or await unit.opt_ins.asked_by(f"{prefix}{digest}", since) >= PER_CLIENT:
        raise TooMany(texts.gettext("Too many requests. Try again in an hour."), _AN_HOUR)
    return f"{prefix}{digest}"


def _network_of(client: str) -> str:
    """The network of a client that is an address, or a customer's part of one; empty for an account."""
    try:
        address = ip_interface(client)
    except ValueError:
        return ""
    return str(ip_network((int(address.ip), _NETWORKS[address.version]), strict=False))


async def check_mailbox(context: Context, unit: Unit, place: Place, texts: Texts) -> None:
    """Raise TooMany where an address, or all addresses together, had enough messages that ask for a yes."""
    if await unit.opt_ins.asked(place.channel, place.address, unit.now - _A_DAY) >= PER_MAILBOX:
        raise TooMany(
            texts.gettext(
                "%(count)s messages went to this address in the last 24 hours. Open the link in one of them (look among"
                " the spam, too) and change what comes on %(url)s, or try again tomorrow.",
                count=PER_MAILBOX,
                url=f"{context.public_url.rstrip('/')}/me",
            ),
            _A_DAY,
        )
    if await unit.opt_ins.unconfirmed(unit.now - _AN_HOUR) >= MOST_OPEN:
        raise TooMany(texts.gettext("Too many people are subscribing at the moment. Try again in an hour."), _AN_HOUR)
