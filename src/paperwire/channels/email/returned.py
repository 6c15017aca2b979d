"""What mail servers send back: delivery reports (RFC 3464), complaints (RFC 5965), and requests to leave by mail."""

from __future__ import annotations

import re
from email import policy
from email.message import Message as Mail
from email.parser import BytesParser
from typing import TYPE_CHECKING, Literal, TypeAlias

from paperwire.channels.email.refusal import ENHANCED_STATUS
from paperwire.core.text.clean import clean
from paperwire.ports.channels import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

BounceOutcome: TypeAlias = Literal["closed", "noted"]
_NAME = r"[0-9a-f]{1,15}-[a-z2-7]{24}"
_TAGGED = re.compile(rf"\+({_NAME})(?:\.[0-9a-z]+)?@", re.IGNORECASE | re.ASCII)
_PAGE = re.compile(rf"/u/({_NAME})", re.IGNORECASE | re.ASCII)
_ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_OF_THE_ORIGINAL = ("Return-Path", "List-Unsubscribe")
_MOST_PARTS = 100
_REASON = 200


def read(raw: bytes, recipient: str) -> Report | None:
    """The report in a mail that came for `recipient`; None for a mail that reports nothing."""
    mail = BytesParser(policy=policy.compat32).parsebytes(raw)
    parts = [part for part, _ in zip(mail.walk(), range(_MOST_PARTS), strict=False)]
    names = _names([recipient, *_all(mail, *_ADDRESSED)])
    status = _first(parts, "message/delivery-status")
    complaint = _first(parts, "message/feedback-report")
    if status is None and complaint is None:
        wants_out = _text(mail, "Subject").strip().casefold() == "unsubscribe"
        return Report(names, "left", "asked to leave by mail") if wants_out and names else None
    original = [text for part in parts[1:] for text in _original(part)]
    fields = [block for part in parts for block in _blocks(part)]
    names = _names(
        [*names, *(text for block in fields for text in _all(block, "Original-Mail-From")), *original], names
    )
    outcome, reason = _complained(fields) if complaint is not None else _failed(fields)
    return Report(names, outcome, reason)


def _original(part: Mail) -> list[str]:
    """What a part says of the mail that came back: its headers, or all of its text where that is headers alone."""
    if part.get_content_type() == "text/rfc822-headers":
        return [str(part.get_payload())]
    return _all(part, *_OF_THE_ORIGINAL)


def _first(parts: list[Mail], kind: str) -> Mail | None:
    return next((part for part in parts if part.get_content_type() == kind), None)


def _blocks(part: Mail) -> Iterator[Mail]:
    """The blocks of fields of a report; parts in a report that is broken have none."""
    if part.get_content_type() in {"message/delivery-status", "message/feedback-report"} and part.is_multipart():
        for block in part.get_payload():
            if isinstance(block, Mail):
                yield block


def _failed(blocks: list[Mail]) -> tuple[BounceOutcome, str]:
    """What a delivery report comes to: of those about failures the first one that closes the address."""
    noted = ""
    for block in blocks:
        action = _text(block, "Action").strip().casefold()
        reason = clean(_text(block, "Diagnostic-Code") or _text(block, "Status"), _REASON)
        if action != "failed":
            noted = noted or clean(f"{action or 'nothing'} {reason}", _REASON)
            continue
        if _is_about_the_mail(_text(block, "Status") or reason):
            noted = f"the mail was refused: {reason}"
            continue
        return "closed", clean(f"mail came back: {reason}", _REASON)
    return "noted", noted


def _is_about_the_mail(status: str) -> bool:
    """Whether a failure is the mail's own (too long, its content, a policy): the next one may pass."""
    found = ENHANCED_STATUS.search(status)
    return (
        found is not None
        and (found[1], found[2], found[3]) != ("5", "7", "13")
        and (found[2] in {"6", "7"} or (found[2], found[3]) in {("3", "4"), ("2", "3")})
    )


def _complained(blocks: list[Mail]) -> tuple[BounceOutcome, str]:
    kind = clean(next((text for block in blocks if (text := _text(block, "Feedback-Type"))), "abuse"), 40)
    if kind.casefold() == "not-spam":
        return "noted", "reported as no spam"
    return "closed", f"its reader complained about the mail ({kind})"


def _names(texts: list[str], before: tuple[str, ...] = ()) -> tuple[str, ...]:
    found = [name for text in texts for pattern in (_TAGGED, _PAGE) for name in pattern.findall(text)]
    return tuple(dict.fromkeys([*before, *(name.lower() for name in found)]))


def _all(mail: Mail, *names: str) -> list[str]:
    return [str(value) for name in names for value in mail.get_all(name, ())]


def _text(mail: Mail, name: str) -> str:
    return str(mail.get(name, ""))
