"""What sources and channels are given alike: the clock, and their settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, ClassVar, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from paperwire.core.duration import Seconds
from paperwire.core.text.clean import safe_url

Now: TypeAlias = "Callable[[], datetime]"
"""The one clock: the present instant, aware and in UTC."""


def _access_token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be ASCII without spaces, as the service shows it")
    return secret


AccessToken = Annotated[SecretStr, AfterValidator(_access_token)]
"""A settings field for what a service gave us to show in headers and addresses; it may be empty."""


class Options(BaseModel):
    """The settings of one source or channel, read from `[sources.NAME]` or `[channels.NAME]`.

    Each module in those rooms subclasses it as `Options` next to a `build(options, tools)`; unknown keys are refused.
    Secrets are `SecretStr` and may also come from a file named by the same key with `_file` appended. `role` is what
    `run --only` calls the processes that listen on this channel: its name if it is a `Conversation`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    role: ClassVar[str] = ""
    enabled: bool = True

    def missing(self) -> str:
        """The key without which this channel or source cannot work and stays off, or an empty string."""
        return ""


class BotOptions(Options):
    """The settings of a channel that logs in as a bot, by its `token`."""

    token: AccessToken = SecretStr("")

    def missing(self) -> str:
        return "" if self.token.get_secret_value().strip() else "token"


def _web_address(url: str) -> str:
    if not safe_url(url := url.strip()):
        raise ValueError("must be an http or https address such as https://api.example.org, without a user name")
    return url


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""A settings field for the address of a service."""
MaybeWebAddress = Annotated[str, AfterValidator(lambda url: url and _web_address(url))]
"""The same, where an empty one is none."""


def _public_address(url: str) -> str:
    try:
        parts = urlsplit(url := url.strip())
        is_web = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        is_web = False
    # links begin with the path, and one that began with two slashes would lead to another host
    if not is_web or "//" in parts.path.rstrip("/") or any(char in ' "\\<>?#' for char in url):
        raise ValueError(
            "must be an address such as https://papers.example.org or https://example.org/papers, "
            "without a user name, ? and #"
        )
    return url.rstrip("/")


PublicAddress = Annotated[str, AfterValidator(_public_address)]
"""A settings field for where people reach us; it holds no slash at its end."""


def _of_this_machine(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError("must be an address or name of this machine, such as 127.0.0.1")
    return host


_HOST = re.compile(r"[\w.:%-]{1,253}")  # an empty one would listen for all machines
Host = Annotated[str, AfterValidator(_of_this_machine)]
"""A settings field for where to listen."""


PollInterval = Annotated[Seconds, Field(gt=0)]
"""A settings field for how often a source is read; 0 would read it without a pause."""


_LONGEST_NAME = 255


def _path(path: Path) -> Path:
    if "\0" in str(path) or any(len(os.fsencode(part)) > _LONGEST_NAME for part in path.parts):
        raise ValueError(f"must be a path, without the character NUL and names over {_LONGEST_NAME} bytes")
    return path


FilePath = Annotated[Path, AfterValidator(_path)]
"""A settings field for a file or folder, whether or not it is there."""


def _contact(text: str) -> str:
    if (text := text.strip()) and not _CONTACT.fullmatch(text):
        raise ValueError("must be a mail address or the address of a page, such as you@example.org")
    return text


_CONTACT = re.compile(r"[!-~]+@[!-~]+|https?://[!-~]+")
Contact = Annotated[str, AfterValidator(_contact)]
"""A settings field for how people are reached."""


def _named(text: str) -> str:
    channel, _, who = text.strip().partition(":")
    if not channel or not who or set(channel) - _OF_CHANNEL:
        raise ValueError(f"{text!r} names no account: write CHANNEL:ACCOUNT, such as telegram:12345")
    return f"{channel}:{who.strip()}"


_OF_CHANNEL = frozenset("abcdefghijklmnopqrstuvwxyz-")
AccountName = Annotated[str, AfterValidator(_named)]
"""`CHANNEL:ACCOUNT`; in lists of those who are let in also `CHANNEL-server:ID`, `CHANNEL-group:ADDRESS`, and `*`."""


def _alone(name: str) -> str:
    if "-" in name.partition(":")[0] or "*" in name:
        raise ValueError(f"{name!r} names more than one account: write CHANNEL:ACCOUNT, such as telegram:12345")
    return name


class PeopleOptions(BaseModel):
    """Who may use this instance: anyone while `allowed` is empty. `ask` is whom all others are referred to.

    `max_subscriptions` is how many one person, or one shared place, may have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    allowed: tuple[AccountName, ...] = ()
    ask: str = ""
    max_subscriptions: int = Field(default=500, ge=1)


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        odd = parts.path.strip("/") or parts.query or parts.fragment or parts.port == 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not odd


class NetworkOptions(BaseModel):
    """The way out: an HTTP `proxy` that everything but mail takes, and more authorities to trust, in PEM."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    proxy: SecretStr = SecretStr("")
    ca_file: FilePath | None = None

    @field_validator("proxy")
    @classmethod
    def _takes_proxy(cls, proxy: SecretStr) -> SecretStr:
        if (url := proxy.get_secret_value().strip()) and not _is_proxy(url):
            raise ValueError("must be the address of an HTTP proxy, such as http://proxy.example.org:3128")
        return proxy


class Database(BaseModel):
    """Where papers and people are kept: a SQLAlchemy address of SQLite (aiosqlite) or PostgreSQL (psycopg)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: SecretStr = SecretStr("sqlite+aiosqlite:///paperwire.db")

    @field_validator("url")
    @classmethod
    def _is_text(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().isprintable():
            raise ValueError("must be sqlite+aiosqlite:///FILE or postgresql+psycopg://…, without control characters")
        return url


class OpsOptions(BaseModel):
    """Where `/healthz`, `/readyz` and `/metrics` of this process are served, whatever its roles.

    `operators` are the accounts that are notified of trouble, and always let in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Host = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65535)
    operators: tuple[Annotated[AccountName, AfterValidator(_alone)], ...] = ()


class BackupOptions(BaseModel):
    """Where a running service copies a SQLite database to, how often, and how many copies it keeps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: FilePath | None = None
    every: Annotated[Seconds, Field(ge=60)] = 86400.0
    keep: int = Field(default=7, ge=1)


class ListOptions(BaseModel):
    """Whether anyone may submit papers to a list of this instance, which its pages show, and vote there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public: bool = False


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value))
    except ValueError:
        raise ValueError(f"{str(value)[:100]!r} is no address or network, such as 127.0.0.1 or 10.0.0.0/8") from None


def _authority(name: str) -> str:
    if (name := name.strip()) and not _HOST.fullmatch(name):
        raise ValueError("must be the name of a host, such as papers.example.org")
    return name


class WebOptions(BaseModel):
    """Where pages and feeds are served; `authority`, a host name for feed ids, is kept from the first start.

    `trusted_proxies` are the addresses and networks of the web servers whose X-Forwarded-For is believed. With
    `pictures` a paper's page shows its teaser picture on Hugging Face, fetched and served by us.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Host = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    authority: Annotated[str, AfterValidator(_authority)] = ""
    trusted_proxies: tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)], ...] = ()
    pictures: bool = False
