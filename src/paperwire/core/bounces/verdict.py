"""What the words of a mail server mean for the address that they are about."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

BounceVerdict: TypeAlias = Literal["closed", "soft", "noted"]
Code: TypeAlias = tuple[int, int, int]

_ENHANCED = r"([245])\.(\d{1,3})\.(\d{1,3})(?![.\d])"
_LONGEST = 1_000
_STATUS = re.compile(rf"\s*{_ENHANCED}", re.ASCII)
_REPLY = re.compile(rf"(?:^|[:;>'\"]\s*|\bsaid:?\s+|\breturned\s+)([45]\d\d)(?:[ -]+#?{_ENHANCED})?(?![\d.])", re.ASCII)
_IN_BRACKETS = re.compile(rf"\(#{_ENHANCED}\)", re.ASCII)
_TYPE = re.compile(r"\s*[A-Za-z][\w-]*\s*;\s*", re.ASCII)
_ADDRESS = re.compile(r"\S*@\S*|\b[\w-]+(?:\.[\w-]+)+\b")
_NAMED = re.compile(r"(?:<[^<>\s]+@[^<>\s]+>:|\bfailed:\s+\S+@\S+)\s")
_OF_US = re.compile(
    r"\b(?:sender|spam|spf|dkim|dmarc|rbl|dnsbl|reputation|polic(?:y|ies)|banned|block(?:ed|ing|list|listed)"
    r"|black ?list(?:ed)?|your (?:ip|server|domain|host))\b",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"\b(?:over ?quota|quota|(?:is|mailbox|inbox) full|full mailbox|insufficient storage)\b", re.IGNORECASE
)
_NO_SUCH = re.compile(
    r"\b(?:no such|unknown|invalid|non-?existent|not found|(?:does not|doesn'?t) exist|no mailbox|unavailable|disabled"
    r"|inactive|not a (?:valid|known)|isn'?t|doesn'?t have)\b",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"\b(?:user|mailbox|recipient|account|address|alias)\b", re.IGNORECASE)


def verdict(status: str, words: str) -> BounceVerdict:
    """What a failure says of its address: nothing gets there (`closed`), not now (`soft`), or nothing at all.

    `status` is an enhanced status code (RFC 3463) or empty, `words` is what the server said. What speaks of the sender,
    a policy or the mail itself says nothing of the address. Where two codes disagree, the one that closes gives way.
    """
    words = words[:_LONGEST]
    reply, codes = _codes(status, words)
    plain = _ADDRESS.sub(" ", words)
    if any(_is_of_us(code) for code in codes) or _OF_US.search(plain):
        return "noted"
    if any(_is_of_the_mail(code) for code in codes):
        return "noted"
    if any(_is_soft(code) for code in codes):
        return "soft"
    if codes:
        return "closed" if all(_is_hard(code) for code in codes) else "soft"
    names_mailbox = _NO_SUCH.search(words) is not None and _MAILBOX.search(words) is not None
    return "closed" if reply == "550" and names_mailbox and not _FULL.search(words) else "soft"


def about_failure(text: str) -> str:
    """What a report in plain words says of the failure: from the address on that it names, else from the code."""
    found = _NAMED.search(text) or _REPLY.search(text) or _IN_BRACKETS.search(text)
    return text[found.end() if found.re is _NAMED else found.start() :].lstrip(" :;") if found else text


def _codes(status: str, words: str) -> tuple[str, list[Code]]:
    """The three digits of a reply, and the enhanced codes that say more than that it failed."""
    said = _TYPE.sub("", words, count=1) if _TYPE.match(words) else words
    reply, field, hashed = _REPLY.search(said), _STATUS.match(status), _IN_BRACKETS.search(said)
    found = [field.groups()] if field else []
    found += [reply.groups()[1:]] if reply and reply[2] else []
    found += [hashed.groups()] if hashed else []
    codes = [(int(first), int(subject), int(detail)) for first, subject, detail in found]
    three = reply[1] if reply else ""
    return three, [code for code in codes if code[1:] != (0, 0)] + ([(4, 0, 0)] if _is_for_now(three, codes) else [])


def _is_for_now(reply: str, codes: list[Code]) -> bool:
    return reply.startswith("4") or any(code[0] == 4 for code in codes)


def _is_of_us(code: Code) -> bool:
    return code[1] == 7 or code[1:] in {(1, 7), (1, 8)}


def _is_of_the_mail(code: Code) -> bool:
    return code[1] in {5, 6} or code[1:] == (2, 3)


def _is_soft(code: Code) -> bool:
    return code[0] == 4 or code[1] in {3, 4} or code[1:] == (2, 2)


def _is_hard(code: Code) -> bool:
    return code[0] == 5 and (code[1] == 1 or code[1:] == (2, 1))
