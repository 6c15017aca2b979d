"""What a mail server's words speak of, by its codes and words: an address, the mail, or us.

One table judges what a server answers at once and what comes back later. Codes are those of RFC 5321 and RFC 3463.
Servers use 5.7.1 and a plain 550 for anything, so there the words decide, and in doubt an address waits and is not
closed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal, TypeAlias

from paperwire.core.text.clean import clean

Step: TypeAlias = Literal["sender", "recipient", "text", "returned"]
"""What is refused: MAIL FROM, RCPT TO, the mail itself (DATA), or a mail that another server took before."""
StatusCode: TypeAlias = tuple[int, int]
"""Subject and detail of an enhanced status code; zeros without one."""
LONGEST_WORDS = 200
ENHANCED = r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)"
"""Class, subject and detail of an enhanced status code, which is no part of the number of a host."""
_ENHANCED_STATUS = re.compile(ENHANCED, re.ASCII)
_LOGIN = frozenset({530, 534, 535, 538})  # answers to a client that has not logged in as it should (RFC 4954)


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
    | rcpthosts | client\shost | \bclient\b.*(?:rejected|permission) | authenti | authori[sz] | credential
    | \blog\s?in\b | not\sverified | verified\ssender | sandbox | suspended\b | starttls | encryption | hostname
    | \breverse\b | \brdns\b | \bptr\b | resource\srecord | \bbanned\b
    | \byour\s(?:account|ip|host|domain|network|server|plan) | \bip\s(?:address|reputation)
    | block\s?list | black\s?list | \bdnsbl | \brbl\b | spamhaus | spamcop | barracuda | \bblocked\b | reputation
    | \bpolicy\b | \bpolicies\b | dmarc | \bspf\b | \bdkim\b | permission | prohibit | complaint | \bcredits\b
    | upgrade | traffic\snot\saccepted | service\sunavailable
    | unusual\srate | rate.?limit | throttl | frequency\slimit
    | too\smany\s(?:messages|e?mails|connections|recipients|errors)
    | \b(?:daily|hourly|monthly|messages?|outgoing|outbound|tenant)\s(?:\w+\s){0,3}(?:quota|limit|threshold)
    | limit\sexceeded | exceeded\s(?:\w+\s){0,4}(?:limit|threshold)
    """,
    re.VERBOSE,
)
_SENDER_NAMED = re.compile(r"\bsender (?:address|domain|verif|rejected|denied|unknown|not)|outbound sender")
_NAMES = re.compile(r"\S+://\S+|\S*@\S*|\b[\w-]+(?:\.[\w-]+)+\b")
"""Links, addresses and names of hosts, whose words say nothing where a mailbox is named."""
_IP_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_FULL = re.compile(
    r"\b(?:mailbox|storage|inbox|disk)\b.{0,40}(?:\bfull\b|quota|limit|exceed)"
    r"|\b(?:recipient|user|account)\b.{0,40}(?:\bfull\b|quota)|over ?quota|quota.{0,30}mailbox"
    r"|\b(?:exceed\w*|insufficient|not enough|out of)\b.{0,20}\b(?:storage|disk|space|mailbox)"
)
_QUOTA_OF_OURS = re.compile(
    r"\b(?:sending|daily|hourly|monthly|outgoing|outbound|tenant|rate|your (?:account|plan)|you have)\b"
    r"|\bper (?:day|hour|minute)\b"
)
_GREYLISTED = re.compile(r"gr[ea]y.?list")
_SOON_OVER = re.compile(r"\btemporar|\bagain later\b")
_TOO_FAST = re.compile(r"receiving mail (?:at a rate|too quickly)")
_OF_ADDRESS = re.compile(
    r"resolver\.rst\.|storedrv\.deliver|account or domain may not exist|rejected: address blacklisted"
    r"|suppression list"
)
"""What speaks of an address in words that elsewhere are used of us: Exchange's, cPanel's and SES's."""
_HARMFUL = re.compile(r"\bvirus|malware|attachment|\bits content\b")
_CONTENT = re.compile(
    r"spam|unsolicited|phish|content|header|too (?:big|large)|\b(?:message|mail|line) (?:is )?too long|size|mime"
    r"|\burls?\b"
)
_MAILBOX_NAMED = re.compile(
    r"no such (?:\w+ )?(?:user|mailbox|recipient|person|address|account)|unrouteable address|no mailbox|illegal alias"
    r"|(?:unknown|invalid|inactive|deactivated|non-?existent|bad) (?:user|mailbox|recipient|account|address|local)"
    r"|(?:user|mailbox|recipient|account|address|alias)\b.{0,60}\b(?:unknown|not found|not exist|doesn't exist|disabled"
    r"|unavailable|inactive|invalid|not available|not known|not here|not local|does not have|doesn't have)"
    r"|not a (?:valid|known) (?:\w+ )?(?:user|mailbox|recipient|address)|\bnot our customer"
)


def verdict(code: int, words: str, step: Step, status: StatusCode | None = None) -> ReplyVerdict:
    """What a refusal with this code comes to; without `status` its enhanced code is the first one in `words`."""
    text = words.casefold()
    status = status_of(words) if status is None else status
    if step == "sender":
        return ReplyVerdict.US
    if 400 <= code < 500:
        return _for_now(code, text, status, step)
    return _for_good(code, text, status, step)


def is_certain(words: str) -> bool:
    """Whether a server says that an address does not exist in words that are used for nothing else (5.1.1)."""
    return status_of(words) == (1, 1)


def words_of(code: int, message: str, recipient: str) -> str:
    """A server's answer on one line without the address it is about: `550 5.1.1 No such user`."""
    return clean(re.sub(re.escape(recipient), "address", f"{code} {message}", flags=re.IGNORECASE), LONGEST_WORDS)


def status_of(words: str) -> StatusCode:
    """The enhanced status code (RFC 3463) of a reply."""
    match = _ENHANCED_STATUS.search(words)
    return (int(match[2]), int(match[3])) if match else (0, 0)


def _for_now(code: int, text: str, status: StatusCode, step: Step) -> ReplyVerdict:
    subject = status[0]
    if subject == 2 or (subject == 1 and not _SENDER_NAMED.search(text)) or _is_of_address(text):
        return ReplyVerdict.LATER
    if _GREYLISTED.search(text) or (subject != 3 and _is_full(text)):
        return ReplyVerdict.LATER
    if status == (5, 3) or _is_of_us(text, step):
        return ReplyVerdict.US
    return ReplyVerdict.BUSY if code == 421 or subject in {3, 4} else ReplyVerdict.LATER


def _for_good(code: int, text: str, status: StatusCode, step: Step) -> ReplyVerdict:
    """The first of these rules that holds."""
    subject = status[0]
    at_text = step in {"text", "returned"}
    names_mailbox = _MAILBOX_NAMED.search(text) is not None
    rules = (
        (status in {(1, 7), (1, 8)} or (subject == 1 and _SENDER_NAMED.search(text)), ReplyVerdict.US),
        (_TOO_FAST.search(text), ReplyVerdict.LATER),
        (subject == 1 or status == (2, 1), ReplyVerdict.CLOSED),
        (at_text and (subject == 6 or status in {(2, 3), (3, 4)} or _HARMFUL.search(text)), ReplyVerdict.MAIL),
        (status == (2, 2) or _is_full(text) or _is_of_address(text), ReplyVerdict.LATER),
        (code in _LOGIN or _is_of_us(text, step), ReplyVerdict.US),
        (at_text and ((code == 552 and not names_mailbox) or _CONTENT.search(text)), ReplyVerdict.MAIL),
        (code == 550 and status == (0, 0) and names_mailbox and not _is_in_doubt(text, step), ReplyVerdict.CLOSED),
        (code == 552 or names_mailbox, ReplyVerdict.LATER),
    )
    return next((verdict for holds, verdict in rules if holds), ReplyVerdict.UNCLEAR)


def _is_full(text: str) -> bool:
    return _FULL.search(text) is not None and not _QUOTA_OF_OURS.search(text)


def _is_of_address(text: str) -> bool:
    return bool(_TOO_FAST.search(text) or _OF_ADDRESS.search(text))


def _is_in_doubt(text: str, step: Step) -> bool:
    """Whether words speak of what passes, or of an address that isn't the recipient's, which `words_of` leaves out."""
    return bool(_SOON_OVER.search(text)) or (step != "returned" and "@" in text)


def _is_of_us(text: str, step: Step) -> bool:
    """Whether words speak of us; numbers of hosts do where no mailbox is named, in a report those of any host."""
    if _US.search(_NAMES.sub(" ", text)):
        return True
    if _MAILBOX_NAMED.search(text) or step == "returned":
        return False
    return bool(_US.search(text) or _IP_ADDRESS.search(text))


# --- what a mail that came back says of the address that it was for -------------------------------------------------

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
