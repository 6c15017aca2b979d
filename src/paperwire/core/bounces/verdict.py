"""What a mail that came back says of the address that it was for."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from paperwire.core.bounces.reply import ENHANCED, ReplyVerdict, verdict

BounceVerdict: TypeAlias = Literal["noted", "soft", "closed"]
Code: TypeAlias = tuple[int, int, int]

_LONGEST_REPLY = 1_000
_STATUS = re.compile(rf"\s*{ENHANCED}", re.ASCII)
_REPLY = re.compile(rf"(?:^|[:;>'\"]\s*|\bsaid:?\s+|\breturned\s+)([45]\d\d)(?:[ -]+#?{ENHANCED})?(?![\d.])", re.ASCII)
_IN_BRACKETS = re.compile(rf"\(#{ENHANCED}\)", re.ASCII)
_TYPE = re.compile(r"\s*[A-Za-z][\w-]*\s*;\s*", re.ASCII)
_NAMED = re.compile(r"(?:<[^<>\s]+@[^<>\s]+>:|\bfailed:\s+\S+@\S+)\s")
_GRAVITY: tuple[BounceVerdict, ...] = ("noted", "soft", "closed")


def bounce_verdict(status: str, words: str) -> BounceVerdict:
    """What a failure says of its address: nothing gets there (`closed`), not now (`soft`), or nothing at all.

    `status` is an enhanced status code (RFC 3463) or empty, `words` is what the server said. Where two codes disagree,
    the one that does less to the address counts.
    """
    words = words[:_LONGEST_REPLY]
    reply_text = _TYPE.sub("", words, count=1) if _TYPE.match(words) else words
    reply, field, bracketed = _REPLY.search(reply_text), _STATUS.match(status), _IN_BRACKETS.search(reply_text)
    statuses = [field.groups()] if field else []
    statuses += [reply.groups()[1:]] if reply and reply[2] else []
    statuses += [bracketed.groups()] if bracketed else []
    codes = [(int(kind), int(subject), int(detail)) for kind, subject, detail in statuses]
    telling = [code for code in codes if code[0] == 4 or code[1:] != (0, 0)]
    code = int(reply[1]) if reply else 500
    own_words = reply_text[reply.start() :] if reply else reply_text
    verdicts = [_verdict(code, enhanced, own_words) for enhanced in telling or [(code // 100, 0, 0)]]
    if code < 500:
        verdicts.append("soft")
    return min(verdicts, key=_GRAVITY.index)


def about_failure(text: str) -> str:
    """What a report in plain words says of the failure: from the address on that it names, else from the code."""
    match = _NAMED.search(text) or _REPLY.search(text) or _IN_BRACKETS.search(text)
    return text[match.end() if match.re is _NAMED else match.start() :].lstrip(" :;") if match else text


def _verdict(code: int, enhanced: Code, words: str) -> BounceVerdict:
    """What one enhanced code comes to, together with the reply and its words."""
    kind, subject, detail = enhanced
    if kind == 4 or subject in {3, 4} or (subject, detail) == (2, 2):
        return "soft"
    match verdict(max(code, 500), words, "returned", (subject, detail)):
        case ReplyVerdict.CLOSED:
            return "closed"
        case ReplyVerdict.US | ReplyVerdict.MAIL:
            return "noted"
        case ReplyVerdict.UNCLEAR if subject in {5, 7}:
            return "noted"
    return "soft"
