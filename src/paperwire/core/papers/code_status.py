"""Whether a paper's code is there or promised, by the words of its comment and abstract."""

from __future__ import annotations

import re
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
