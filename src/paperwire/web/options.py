"""The settings of the pages: where they are served, and which web servers before them say who asks."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from pydantic import BaseModel, ConfigDict, Field


class Web(BaseModel):
    """Where pages and feeds are served; `authority`, a host name for feed ids, is kept from the first start.

    `trusted_proxies` are the addresses and networks of the web servers whose X-Forwarded-For is believed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    authority: str = ""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
