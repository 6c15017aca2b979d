"""What mail servers send back: delivery reports (RFC 3464 or in plain words), complaints, requests to leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.parser import BytesParser
from itertools import islice
from typing import Literal, TypeAlias

from paperwire.core.bounces.reply import BounceVerdict, about_failure, bounce_verdict
from paperwire.core.text.clean import clean

BounceOutcome: TypeAlias = Literal["closed", "soft", "left", "noted"]

LONGEST_MAIL = 500_000
"""Bytes of a mail that are read: what counts comes first, and it holds a mail of ours at most."""
_NAME = r"[0-9a-f]{1,15}-[a-z2-7]{24}"
_TAGGED = re.compile(rf"\+({_NAME})(?:\.[0-9a-z]+)?@", re.IGNORECASE | re.ASCII)
_PAGE = re.compile(rf"/u/({_NAME})", re.IGNORECASE | re.ASCII)
_ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_OF_THE_ORIGINAL = ("Return-Path", "List-Unsubscribe")
_BOUNDARY = re.compile(rb"^--|\bboundary\s{0,9}=", re.MULTILINE | re.IGNORECASE)
_MOST_BOUNDARIES, _MOST_PARTS = 100, 100
_LONGEST_SUBJECT = 1_000
_REASON = 200
_UNREADABLE = "mail came back, with a report that can't be read"
_ARRIVED = {"delivered", "relayed", "expanded"}


@dataclass(frozen=True, slots=True)
class Report:
    """What came back for a message after it was sent.

    `names` are those that the place of the message may have, as the last part of its `Message.leave`, the surest first.
    `outcome` says what it comes to: nothing more gets there (`closed`), it didn't get there this time (`soft`), its
    reader wants no more (`left`), or nothing (`noted`). `reason` is for people.
    """

    names: tuple[str, ...]
    outcome: BounceOutcome
    reason: str


def read_report(raw: bytes, recipient: str) -> Report | None:
    """The report in a mail that came for `recipient`; None for a mail that reports nothing, such as an absence note."""
    mail = _parsed(raw)
    parts = list(islice(mail.walk(), _MOST_PARTS))
    to = _names([recipient, *_all(mail, *_ADDRESSED)])
    subject = _subject(mail)
    text = next((_decoded(part) for part in parts if part.get_content_type() == "text/plain"), "")
    report = _structured(parts, tagged=bool(to)) or _request(mail, subject, to)
    if report is None and not is_automatic_answer(mail, subject):
        report = _bare(mail, parts, subject, to) or _words(mail, subject, text, to)
    if report is None:
        return None
    original = [text for part in parts[1:] for text in _original(part)] + [text]
    fields = [text for part in parts for block in _blocks(part) for text in _all(block, "Original-Mail-From")]
    return Report(_names([*fields, *original], to), *report)


def _parsed(raw: bytes) -> Mail:
    """The mail, cut if it has more parts than any server writes; of one nested too deep, its headers alone."""
    raw = raw[:LONGEST_MAIL]
    for count, boundary in enumerate(_BOUNDARY.finditer(raw)):
        if count == _MOST_BOUNDARIES:
            raw = raw[: boundary.start()]
            break
    parser = BytesParser(policy=policy.compat32)
    try:
        return parser.parsebytes(raw)
    except RecursionError:
        return parser.parsebytes(raw, headersonly=True)


def _structured(parts: list[Mail], *, tagged: bool) -> tuple[BounceOutcome, str] | None:
    """What fields that a program wrote come to; those that can't be read count where the address is one of ours."""
    blocks = [block for part in parts for block in _blocks(part)]
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return _complained(blocks)
    if any(part.get_content_type() == "message/delivery-status" for part in parts):
        return _failed(blocks)
    is_report = parts[0].get_content_type() == "multipart/report"
    kind = str(parts[0].get_param("report-type", "") or "").casefold() if is_report else ""
    return ("soft", _UNREADABLE) if tagged and kind == "delivery-status" else None


def _request(mail: Mail, subject: str, names: tuple[str, ...]) -> tuple[BounceOutcome, str] | None:
    wants_out = subject.strip().casefold() == "unsubscribe" and not mail.get("X-Failed-Recipients")
    return ("left", "asked to leave by mail") if wants_out and names else None


def _bare(mail: Mail, parts: list[Mail], subject: str, names: tuple[str, ...]) -> tuple[BounceOutcome, str] | None:
    """A complaint that is the mail itself, as some providers send it; from a mail server it is a failure."""
    forwarded = any(part.get_content_type() == "message/rfc822" for part in parts)
    if mail.get_content_type() == "message/rfc822":
        if is_from_daemon(mail, subject):
            return ("soft", "mail came back, without a reason") if names else None
        return "closed", "its reader complained about the mail"
    if forwarded and subject.strip().casefold().startswith("complaint about message from"):
        return "closed", "its reader complained about the mail"
    return None


def _words(mail: Mail, subject: str, text: str, names: tuple[str, ...]) -> tuple[BounceOutcome, str] | None:
    """A report in plain words; what merely calls itself one counts only at an address that is one of ours."""
    is_report = mail.get("X-Failed-Recipients") or "qmail-send program" in text[:200]
    return read_words(mail, subject, text) if names or is_report else None


def _failed(blocks: list[Mail]) -> tuple[BounceOutcome, str]:
    """What a delivery report comes to: of those about failures the gravest, unless a part of it arrived."""
    if not any(_text(block, "Action") for block in blocks):
        return "soft", _UNREADABLE
    worst: tuple[BounceOutcome, str] = ("noted", "")
    for block in blocks:
        action, status = _text(block, "Action").strip().casefold(), _text(block, "Status")
        words = _text(block, "Diagnostic-Code")
        reason = clean(words or status, _REASON)
        if action in _ARRIVED:
            return "noted", clean(f"{action} {reason}", _REASON)
        outcome: BounceOutcome = "noted"
        if action != "failed":
            reason = clean(f"{action} {reason}", _REASON) if action else ""
        elif (outcome := bounce_verdict(status, words)) == "noted":
            reason = f"the mail was refused: {reason}"
        else:
            reason = clean(f"mail came back: {reason}", _REASON)
        if _weight(outcome) > _weight(worst[0]) or not worst[1]:
            worst = (outcome, reason)
    return worst


def _weight(outcome: BounceOutcome) -> int:
    return ("noted", "soft", "closed").index(outcome) if outcome != "left" else 0


def _complained(blocks: list[Mail]) -> tuple[BounceOutcome, str]:
    kind = clean(next((text for block in blocks if (text := _text(block, "Feedback-Type"))), "abuse"), 40)
    if kind.casefold() == "not-spam":
        return "noted", "reported as no spam"
    return "closed", f"its reader complained about the mail ({kind})"


def _blocks(part: Mail) -> list[Mail]:
    """The blocks of fields of a report; parts in a report that is broken have none."""
    if part.get_content_type() not in {"message/delivery-status", "message/feedback-report"}:
        return []
    return [block for block in part.get_payload() if isinstance(block, Mail)]


def _original(part: Mail) -> list[str]:
    """What a part says of the mail that came back: its headers, or all of its text where that is headers alone."""
    if part.get_content_type() == "text/rfc822-headers":
        return [_decoded(part)]
    return _all(part, *_OF_THE_ORIGINAL)


def _decoded(part: Mail) -> str:
    """The text of a part, whatever its encoding says; letters beyond ASCII count for nothing in a report."""
    payload = part.get_payload(decode=True)
    return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""


def _subject(mail: Mail) -> str:
    """The subject, its encoded words (RFC 2047) read where they can be."""
    text = _text(mail, "Subject")[:_LONGEST_SUBJECT]
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text


def _names(texts: list[str], before: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = [name for text in texts for pattern in (_TAGGED, _PAGE) for name in pattern.findall(text)]
    return tuple(dict.fromkeys([*before, *(name.lower() for name in names)]))


def _all(mail: Mail, *names: str) -> list[str]:
    return [str(value) for name in names for value in mail.get_all(name, ())]


def _text(mail: Mail, name: str) -> str:
    return str(mail.get(name, ""))


_QMAIL = re.compile(r"^\s*Hi\. This is the .{0,60}qmail-send program")
_EXIM = re.compile(r"^\s*This message was created automatically by mail delivery software")
_COPY = re.compile(
    r"^[ \t]*-{2,}+.*\b(?:copy of|below this line|original message|returned message|unsent message)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_FAILING = re.compile(
    r"undeliver|failure notice|returned mail|delivery (?:status notification|failure|report)|delivery has failed"
    r"|mail delivery (?:failed|failure|system|subsystem)|returned to sender|could not be delivered|non-?remis"
    r"|unzustellbar",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\b(?:delayed|not yet been delivered|will be retried|still (?:being|trying)|will keep trying"
    r"|no action is required|temporary problem|warning message only)\b",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"(?:^|[<\s\"])(?:mailer-daemon|postmaster|mail-daemon|mdaemon)\b|mail delivery", re.IGNORECASE)
_AWAY = re.compile(
    r"^\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|out of (?:the )?office|abwesen|vacation|away from"
    r"|r(?:é|e)ponse automatique)",
    re.IGNORECASE,
)
_LONGEST_TEXT = 8_000


def is_automatic_answer(mail: Mail, subject: str) -> bool:
    """Whether a person's mailbox answers that its person is away, rather than a server that mail failed."""
    marked = any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
    precedence = str(mail.get("Precedence", "")).strip().casefold()
    return bool(_AWAY.match(subject)) or ((marked or precedence == "auto_reply") and not is_from_daemon(mail, subject))


def is_from_daemon(mail: Mail, subject: str) -> bool:
    """Whether a mail calls itself a report: by whom it is from, or by its subject."""
    return bool(_DAEMON.search(str(mail.get("From", "")))) or bool(_FAILING.search(subject))


def read_words(mail: Mail, subject: str, text: str) -> tuple[BounceVerdict, str] | None:
    """What a report in plain words comes to, and why; None for what is no report.

    Mail servers that write no delivery status send those: qmail, Exim and others.
    `text` is the first part that can be read. Warnings that a mail is late come to nothing.
    """
    own = text[:_LONGEST_TEXT]
    is_report = _QMAIL.match(own) or _EXIM.match(own) or mail.get("X-Failed-Recipients")
    if not is_report and not is_from_daemon(mail, subject):
        return None
    copy = _COPY.search(own)
    reply_text = " ".join(own[: copy.start() if copy else None].split())
    if not mail.get("X-Failed-Recipients") and (_DELAYED.search(subject) or _DELAYED.search(reply_text)):
        return "noted", clean(f"late: {reply_text}", _REASON)
    reason = about_failure(reply_text)
    return bounce_verdict("", reason), clean(f"mail came back: {reason}", _REASON)
