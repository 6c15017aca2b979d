"""Code that a paper promises at an address on GitHub, and what is there now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import Paper

ASKED_FOR = timedelta(days=180)
"""How long after it was promised code is asked for."""
NO_ACCOUNT = "0"
"""Stands for an account that was not there when code was promised at it: anyone may have taken the name."""
_REPOSITORY = re.compile(
    r"https?://(?:www\.)?github\.com/([a-z\d-]{1,39}/(?!\.{1,2}(?:[/?#]|$))[\w.-]{1,100}?)(?:\.git)?(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Code that the stored paper `number` promises in `repository` (`owner/name`, as it is written), `since` when.

    `etag` and `owner` are what the last answer said: its validator, and the account's number there. Both are empty
    before there was one. `owner` is `NO_ACCOUNT` where the account came only after the promise.
    """

    number: int
    repository: str
    since: datetime
    etag: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryLook:
    """What a repository was at a look: whether code `is_there`, and what to remember for the next one."""

    is_there: bool = False
    etag: str = ""
    owner: str = ""


def promised_repository(paper: Paper) -> str:
    """The repository on GitHub (`owner/name`) where a paper says that its code is still to come, else empty."""
    match = _REPOSITORY.fullmatch(code_link(paper))
    return match[1] if match and code_status(paper) == "promised" else ""
