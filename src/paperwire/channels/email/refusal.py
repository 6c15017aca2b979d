"""What a mail server's refusal speaks of, by its codes and words: an address, the mail, or us.

Codes are those of RFC 5321 and RFC 3463. Servers use 5.7.1 and a plain 550 for anything, so there the words decide, and
in doubt an address waits and is not closed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal, TypeAlias

from paperwire.core.text.clean import clean

Step: TypeAlias = Literal["sender", "recipient", "text"]
"""What is refused: MAIL FROM, RCPT TO, or the mail itself (DATA)."""
LONGEST_WORDS = 200
ENHANCED_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


_LOGIN = frozenset({530, 534, 535, 538})
"""Answers to a client that has not logged in as it should (RFC 4954)."""


class ReplyVerdict(StrEnum):
    """What a refusal comes to."""

    CLOSED = "no such address, or it is closed"
    LATER = "the address takes nothing for now"
    BUSY = "the address keeps the server from answering, unless others do, too"
    US = "our sender, client, login, quota or what we may do"
    MAIL = "the mail itself"
    UNCLEAR = "whose fault it is isn't said"


_US = re.compile(
    r"""
      \bsender\b | \bfrom\saddress | \bsend\s?as | \bsending\b | \bsend\smail | \bhelo\b | \behlo\b | \brelay
    | client\shost | \bclient\b.*(?:rejected|permission) | authenti | authori[sz] | credential | \blog\s?in\b
    | not\sverified | verified\ssender | sandbox | suspended\b | starttls | encryption | hostname | reverse\sdns
    | \bptr\b | \bbanned\b
    | \byour\s(?:account|ip|host|domain|network|server|plan) | \bip\s(?:address|reputation) | \d{1,3}(?:\.\d{1,3}){3}
    | block\s?list | black\s?list | \bdnsbl | \brbl\b | spamhaus | spamcop | barracuda | \bblocked\b | reputation
    | \bpolicy\b | \bpolicies\b | dmarc | \bspf\b | \bdkim\b | permission | prohibit | complaint | \bcredits\b
    | upgrade | traffic\snot\saccepted | service\sunavailable
    | unusual\srate | rate.?limit | throttl | too\smany\s(?:messages|mails|emails|connections|recipients|errors)
    | \b(?:daily|hourly|monthly|messages?|outgoing|outbound|tenant)\s(?:\w+\s){0,3}(?:quota|limit|threshold)
    | limit\sexceeded | exceeded\s(?:\w+\s){0,4}(?:limit|threshold)
    """,
    re.VERBOSE,
)
_FULL = re.compile(
    r"(?:mailbox|storage|inbox|recipient|user|account).{0,40}(?:full|quota)|over ?quota|quota.{0,30}mailbox"
)
_GREYLISTED = re.compile(r"gr[ea]y.?list")
_CONTENT = re.compile(
    r"spam|unsolicited|virus|malware|phish|content|attachment|header|too (?:big|large|long)|size|mime|\burls?\b"
)
_NAMES_MAILBOX = re.compile(
    r"no such (?:\w+ )?(?:user|mailbox|recipient|person|address|account)|unrouteable address|mailbox unavailable"
    r"|(?:unknown|invalid|inactive|non-?existent|bad) (?:user|mailbox|recipient|account|address|local)"
    r"|(?:user|mailbox|recipient|account|address)\b.{0,60}\b(?:unknown|not found|not exist|doesn't exist|disabled"
    r"|unavailable|inactive|invalid|not available|not known|not here|not local|does not have|doesn't have)"
    r"|not a (?:valid|known) (?:\w+ )?(?:user|mailbox|recipient|address)|\bnot our customer"
)
_SENDER_NAMED = re.compile(r"\bsender (?:address|domain|verif|rejected|denied|unknown|not)|outbound sender")


def verdict(code: int, words: str, step: Step) -> ReplyVerdict:
    """What a refusal with this code comes to; `words` begin with the enhanced code, where there is one."""
    text = words.casefold()
    subject, detail = detail_of(words)
    if step == "sender":
        return ReplyVerdict.US
    if 400 <= code < 500:
        return _for_now(code, text, subject, detail)
    return _for_good(code, text, (subject, detail), step)


def _for_now(code: int, text: str, subject: int, detail: int) -> ReplyVerdict:
    if _GREYLISTED.search(text) or subject == 2 or (subject == 1 and not _SENDER_NAMED.search(text)):
        return ReplyVerdict.LATER
    if _US.search(text) or (subject, detail) == (5, 3):
        return ReplyVerdict.US
    return ReplyVerdict.BUSY if code == 421 or subject in {3, 4} else ReplyVerdict.LATER


def _for_good(code: int, text: str, status: tuple[int, int], step: Step) -> ReplyVerdict:
    """The first of these rules that holds."""
    subject = status[0]
    speaks_of_us = code in _LOGIN or _US.search(text) is not None
    at_text = step == "text"
    rules = (
        (status in {(1, 7), (1, 8)} or (subject == 1 and _SENDER_NAMED.search(text)), ReplyVerdict.US),
        (subject == 1 or status == (2, 1), ReplyVerdict.CLOSED),
        (status == (3, 4) and at_text, ReplyVerdict.MAIL),
        (status == (2, 2) or (not speaks_of_us and _FULL.search(text)), ReplyVerdict.LATER),
        (speaks_of_us, ReplyVerdict.US),
        (at_text and (code == 552 or _CONTENT.search(text)), ReplyVerdict.MAIL),
        (code == 552, ReplyVerdict.LATER),
        (code == 550 and status == (0, 0) and _NAMES_MAILBOX.search(text), ReplyVerdict.CLOSED),
    )
    return next((verdict for holds, verdict in rules if holds), ReplyVerdict.UNCLEAR)


def is_certain(words: str) -> bool:
    """Whether a server says that an address does not exist in words that are used for nothing else (5.1.1)."""
    return detail_of(words) == (1, 1)


def words_of(code: int, message: str, recipient: str) -> str:
    """A server's answer on one line without the address it is about: `550 5.1.1 No such user`."""
    return clean(re.sub(re.escape(recipient), "address", f"{code} {message}", flags=re.IGNORECASE), LONGEST_WORDS)


def detail_of(words: str) -> tuple[int, int]:
    """Subject and detail of an enhanced status code (RFC 3463); zeros without one."""
    found = ENHANCED_STATUS.search(words)
    return (int(found[2]), int(found[3])) if found else (0, 0)
