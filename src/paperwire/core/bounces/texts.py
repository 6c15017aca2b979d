"""Reports in plain words, from mail servers that write no delivery status: qmail's, Exim's and others'."""

from __future__ import annotations

import re
from email.message import Message as Mail

from paperwire.core.bounces.verdict import BounceVerdict, about_failure, bounce_verdict
from paperwire.core.text.clean import clean

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
_REASON = 200


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
