"""What sources and channels are given alike: the clock, and their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, SecretStr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


Now: TypeAlias = "Callable[[], datetime]"
"""The one clock: the present instant, aware and in UTC."""


class Options(BaseModel):
    """The settings of one source or channel, read from `[sources.NAME]` or `[channels.NAME]`.

    Each module in those rooms subclasses it as `Options` beside a `build(options, tools)`; unknown keys are refused.
    Secrets are `SecretStr` and may also come from a file named by the same key with `_file` behind it. `role` is what
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

    token: SecretStr = SecretStr("")

    def missing(self) -> str:
        return "" if self.token.get_secret_value().strip() else "token"


class ListOptions(BaseModel):
    """Whether anyone may submit papers to a list of this instance, which its pages show, and vote there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public: bool = False
