"""What the web room is handed: values and callables, never the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from paperwire.commands.context import Context
from paperwire.core.health import Health
from paperwire.pipeline.calibration import Calibration
from paperwire.ports.channels import Hook
from paperwire.ports.options import Now
from paperwire.store.unit import Store
from paperwire.web.clients import Proxies


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """Everything pages, feeds and the API need.

    `public_url` is where people reach us, without a slash at the end. `authority` (a host name) and `minted` (the day
    it was first kept) make the ids of feeds. `unready` gives the reasons why this process is not ready, if any.
    `hooks` are where platforms post to their channels, `read_digest_token` reads the place and slot in the address of a
    digest's page. `context` is what commands work with, for pages that change something; without it there are none.
    `proxies` knows the web servers before us.
    """

    store: Store
    now: Now
    public_url: str
    authority: str
    minted: date
    health: Callable[[], Awaitable[Health]]
    unready: Callable[[], Awaitable[Sequence[str]]]
    hooks: Sequence[Hook] = ()
    context: Context | None = None
    proxies: Proxies = field(default_factory=Proxies)
    read_digest_token: Callable[[str], tuple[int, str] | None] = lambda _token: None

    @property
    def has_list(self) -> bool:
        return self.context is not None and self.context.public_list

    @property
    def calibration(self) -> Calibration | None:
        """What finds papers by meaning, None where no encoder is on."""
        return self.context.calibration if self.context else None
