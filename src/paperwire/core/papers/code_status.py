"""Whether a paper's code is there or promised, by its words, and what is at the address where it is promised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import safe_url

CodeStatus: TypeAlias = Literal["there", "promised", ""]

_CODE = r"(?:source[- ]?codes?|codes?|codebase|implementations?|software|scripts|repository|toolbox|library)"
# "Code and models", "the code, data and", "code for this paper": what stands between the code and its verb.
_MORE = r"(?:[\s,&/()-]++(?!(?:will|to|is|are|has|have)\b)\w[\w-]*+){0,8}?"
_OUT = r"(?:available|released?|published|open[- ]?sourced|public(?:ly)?|accessible|shared|provided|uploaded|posted)"
_PROMISED = re.compile(
    rf"\b{_CODE}\b{_MORE}[\s,]+(?:will|shall|to)\s+(?:soon\s+|also\s+|all\s+)?(?:be\s+)?(?:\w+\s+){{0,3}}?{_OUT}\b"
    rf"|\b{_CODE}\b{_MORE}[\s,]+will\s+be\s+(?:at|on|in|here|under)\b"
    rf"|\bwill\s+(?:\w+\s+)?(?:release|publish|open[- ]?source|share|provide|make)\s+(?:\w+[\s,]+){{0,6}}?{_CODE}\b"
    rf"|\b{_CODE}\b[^.]{{0,30}}\b(?:soon|(?:upon|after)\s+(?:acceptance|publication))\b",
    re.IGNORECASE,
)
_THERE = re.compile(
    rf"\b{_CODE}\b{_MORE}[\s,]+(?:is|are|has\s+been|have\s+been)"
    rf"\s+(?:(?:now|also|all|made|freely|openly|publicly|fully)\s+)*{_OUT}\b"
    rf"|\b{_CODE}\s*(?::\s*)?(?:publicly\s+)?(?:available|released)\b",
    re.IGNORECASE,
)
_ON_REQUEST = re.compile(
    r"\b(?:up)?on\s+(?:\w+\s+)?(?:request|demand)\b|\bby\s+request\b|\bnot\s+(?:yet\s+)?\w*\s*available\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?;](?=\s)|\n")
_WORDS = ("ode", "mplementation", "oftware", "cripts", "epository", "oolbox", "ibrary")


def code_status(paper: Paper) -> CodeStatus:
    """`there` for an address or "is available", `promised` for what is still to come, also at a named address.

    A project page, a video and "upon request" are neither. What an address is, `code_link` says.
    """
    if safe_url(paper.code_url):
        return "there"
    link = code_link(paper)
    promised = False
    for text in (paper.comment, paper.abstract):
        if not any(word in text for word in _WORDS) and not link:
            continue
        status = _status_of(text)
        if status == "there":
            return "there"
        promised = promised or status == "promised"
    if promised:
        return "promised"
    return "there" if link else ""


def _status_of(text: str) -> CodeStatus:
    promised = False
    for sentence in _STOP.split(text):
        if _ON_REQUEST.search(sentence):
            continue
        if _PROMISED.search(sentence):
            promised = True
        elif _THERE.search(sentence):
            return "there"
    return "promised" if promised else ""


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
