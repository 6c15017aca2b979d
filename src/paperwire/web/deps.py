"""What the web room is handed: values and callables, never the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from paperwire.core.health import Health
from paperwire.pipeline.calibration import Calibration
from paperwire.ports.channels import Hook
from paperwire.ports.options import Now
from paperwire.services.context import Context
from paperwire.store.unit import Store
from paperwire.web.clients import Proxies


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """Everything pages, feeds and the API need: what services work with, and what pages alone ask for.

    `authority` (a host name) and `minted` (the day it was first kept) make the ids of feeds. `unready` gives the
    reasons why this process is not ready, if any. `hooks` are where platforms post to their channels. `proxies` knows
    the web servers before us.
    """

    context: Context
    authority: str
    minted: date
    health: Callable[[], Awaitable[Health]]
    unready: Callable[[], Awaitable[Sequence[str]]]
    hooks: Sequence[Hook] = ()
    proxies: Proxies = field(default_factory=Proxies)

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    @property
    def now(self) -> Now:
        """The clock."""
        return self.context.now

    @property
    def public_url(self) -> str:
        """Where people reach us, without a slash at the end."""
        return self.context.public_url.rstrip("/")

    @property
    def calibration(self) -> Calibration | None:
        """What finds papers by meaning, None where no encoder is on."""
        return self.context.calibration
