"""Mails as servers and people send them to a Return-Path of ours, made up, and what each comes to."""

from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

NAME = "1f-" + "a2b3c4d5" * 3
OTHER = "2a-" + "b2b3c4d5" * 3
TAGGED = f"returns+{NAME}.0123456789ab@papers.example.org"
ORIGINAL = f"""\
Return-Path: <{TAGGED}>
From: Paperwire <papers@papers.example.org>
To: ann@example.org
Subject: 3 papers
List-Unsubscribe: <https://papers.example.org/u/{NAME}>
"""


@dataclass(frozen=True)
class Form:
    """A mail, and its outcome; None for what reports nothing."""

    raw: bytes
    outcome: str | None
    reason: str = ""


def mail(subject, text, *, to=TAGGED, sender="MAILER-DAEMON@mx.example.net", **headers):
    """A mail in plain words."""
    lines = {"From": sender, "To": to, "Subject": subject}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in lines.items()) + "\n" + text).encode()


def report(
    status, *, to=TAGGED, action="failed", words="", text="It failed.", subject="Undelivered", original=ORIGINAL
):
    """A multipart/report of one recipient."""
    said = f"Diagnostic-Code: {words}\n" if words else ""
    return f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: {to}
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

{text}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ann@example.org
Action: {action}
Status: {status}
{said}
--b
Content-Type: text/rfc822-headers

{original}
--b--
""".encode()


def complaint(kind="abuse", *, to="abuse@papers.example.org", original=ORIGINAL):
    return f"""\
From: feedback@provider.example
To: {to}
Subject: Feedback
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Loop/1
Version: 1
Original-Mail-From: <{TAGGED}>

--b
Content-Type: message/rfc822

{original}
Papers.
--b--
""".encode()


def qmail(why, *, to=TAGGED):
    text = f"""\
Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@example.org>:
{why}

--- Below this line is a copy of the message.

{ORIGINAL}
550 5.1.1 said a paper
"""
    return mail("failure notice", text, to=to)


def exim(why, *, to=TAGGED):
    text = f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@example.org
    {why}

------ This is a copy of the message, including all the headers. ------

{ORIGINAL}
550 5.1.1 said a paper
"""
    return mail("Mail delivery failed: returning message to sender", text, to=to, X_Failed_Recipients="ann@example.org")


def bare(sender="feedback@provider.example"):
    return f"""\
From: {sender}
To: abuse@papers.example.org
Subject: A mail of yours
MIME-Version: 1.0
Content-Type: message/rfc822

{ORIGINAL}
Papers.
""".encode()


def encoded(subject, charset="utf-8"):
    return Header(subject, charset).encode()


def in_base64(raw):
    """A report whose parts in words came through a gateway that encodes them."""
    wrapped = EmailMessage(policy=SMTP)
    wrapped["From"], wrapped["To"], wrapped["Subject"] = "postmaster@gateway.example", TAGGED, "Undeliverable: 3 papers"
    wrapped.set_content(raw, cte="base64")
    return wrapped.as_bytes()


def nested(depth, inner):
    """A report within mails within mails."""
    whole = inner
    for level in range(depth):
        head = f"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=n{level}\n\n--n{level}\n".encode()
        whole = head + b"Content-Type: message/rfc822\n\n" + whole + f"\n--n{level}--\n".encode()
    return f"To: {TAGGED}\nFrom: postmaster@mx.example.net\n".encode() + whole


POSTFIX = report(
    "5.1.1",
    words="smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in local recipient table",
    text="This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that it failed.",
    subject="Undelivered Mail Returned to Sender",
)
EXCHANGE = report(
    "5.1.10",
    words="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    subject="Undeliverable: 3 papers",
)
GMAIL = report(
    "5.1.1",
    words="smtp; 550-5.1.1 The email account that you tried to reach does not exist.",
    subject="Delivery Status Notification (Failure)",
)
FORMS = {
    "postfix, unknown": Form(POSTFIX, "closed", "mail came back: smtp; 550 5.1.1"),
    "postfix, expired": Form(report("4.4.1", words="X-Postfix; connect to mx.example.org: timed out"), "soft"),
    "postfix, full": Form(report("5.2.2", words="smtp; 552 5.2.2 mailbox full"), "soft"),
    "postfix, blocklist": Form(report("5.7.1", words="smtp; 554 5.7.1 blocked using bl.example"), "noted"),
    "postfix, delayed": Form(report("4.4.1", action="delayed", subject="Delayed Mail"), "noted"),
    "postfix, sender": Form(report("5.1.8", words="smtp; 553 5.1.8 Sender domain not found"), "noted"),
    "exim, unknown": Form(
        exim("host mx.example.org [192.0.2.1]\n    SMTP error after RCPT TO:\n    550 5.1.1 gone"), "closed"
    ),
    "exim, no code": Form(exim("Unrouteable address"), "soft", "mail came back: Unrouteable address"),
    "exim, retries": Form(exim("retry timeout exceeded"), "soft"),
    "exim, report": Form(report("5.0.0", words="smtp; 550 5.1.1 <ann@example.org> User unknown"), "closed"),
    "exim, quota in a report": Form(report("5.0.0", words="smtp; 452 4.2.2 Over quota"), "soft"),
    "exim, warning": Form(
        mail(
            "Warning: message 1abc delayed 24 hours",
            "This message was created automatically by mail delivery software.\nA message that you sent has not yet"
            " been delivered to one or more of its recipients.\n",
        ),
        "noted",
    ),
    "qmail, unknown": Form(
        qmail("Sorry, no mailbox here by that name. (#5.1.1)"), "closed", "mail came back: Sorry, no mailbox"
    ),
    "qmail, remote": Form(qmail("192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 <a> gone"), "closed"),
    "qmail, queue": Form(qmail("I'm not going to try again; it has been in the queue too long."), "soft"),
    "qmail, blocklist": Form(qmail("192.0.2.1 failed after I sent it.\nRemote host said: 554 5.7.1 spam"), "noted"),
    "qmail, untagged": Form(qmail("Sorry. (#5.1.1)", to="returns@papers.example.org"), "closed"),
    "exchange, unknown": Form(EXCHANGE, "closed"),
    "exchange, refused": Form(
        report("5.4.1", words="smtp;550 5.4.1 Recipient address rejected: Access denied"), "soft"
    ),
    "exchange, our address": Form(report("5.1.7", words="smtp;550 5.1.7 Invalid address of the sender"), "noted"),
    "gmail, unknown": Form(GMAIL, "closed"),
    "gmail, full": Form(report("4.2.2", words="smtp; 452-4.2.2 The recipient's inbox is out of storage"), "soft"),
    "gmail, rate": Form(report("4.7.28", words="smtp; 421-4.7.28 unusual rate of mail"), "soft"),
    "plain reply": Form(report("5.0.0", words="smtp; 550 Requested action not taken: mailbox unavailable"), "closed"),
    "plain quota": Form(report("5.0.0", words="smtp; 550 mailbox unavailable: user is over quota"), "soft"),
    "plain reply of us": Form(report("5.0.0", words="smtp; 550 unknown user or sender rejected"), "noted"),
    "too long": Form(report("5.2.3"), "noted"),
    "success": Form(report("2.0.0", action="delivered"), "noted"),
    "sendmail": Form(
        mail(
            "Returned mail: see transcript for details",
            "   ----- The following addresses had permanent fatal errors -----\nann@example.org\n"
            "    (reason: 550 5.1.1 <ann@example.org>... User unknown)\n",
        ),
        "closed",
    ),
    "words, unreadable": Form(mail("Mail delivery failed", "It wasn't possible.\n", sender="x@mx.example.net"), "soft"),
    "words, untagged": Form(
        mail("Mail delivery failed", "It wasn't possible.\n", to="returns@papers.example.org"), None
    ),
    "encoded failure": Form(
        mail(encoded("Unzustellbar: 3 papers für Ann"), "Leider.\n", sender="x@mx.example.net"), "soft"
    ),
    "encoded request": Form(mail(encoded("unsubscribe"), "", sender="ann@example.org"), "left"),
    "encoded badly": Form(mail("=?x-none?B?dW5zdWJzY3JpYmU=?=", "", sender="ann@example.org"), None),
    "request": Form(mail("Unsubscribe ", "", sender="ann@example.org"), "left"),
    "arf": Form(complaint(), "closed", "its reader complained about the mail (abuse)"),
    "arf, no spam": Form(complaint("not-spam"), "noted"),
    "bare rfc822": Form(bare(), "closed", "its reader complained about the mail"),
    "attached rfc822": Form(
        bare()
        .replace(b"Subject: A mail of yours", b"Subject: Complaint about message from 192.0.2.9")
        .replace(b"message/rfc822\n", b"multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n", 1),
        "closed",
    ),
    "bare rfc822 of a server": Form(
        bare("postmaster@mx.example.net").replace(b"abuse@", f"x+{NAME}@".encode()), "soft"
    ),
    "away": Form(mail("Out of office: 3 papers", "Back on Monday.\n", sender="ann@example.org"), None),
    "away, marked": Form(
        mail("3 papers", "Back soon.\n", sender="ann@example.org", Auto_Submitted="auto-replied", X_Autoreply="yes"),
        None,
    ),
    "away, of a postmaster": Form(mail("Automatic reply: 3 papers", "Away.\n", sender="postmaster@example.org"), None),
    "an answer": Form(mail("Re: 3 papers", "550 5.1.1 is my favourite code.\n", sender="ann@example.org"), None),
    "challenge": Form(
        mail("Confirm that you sent it", "Click.\n", sender="guard@example.org", Precedence="auto_reply"), None
    ),
    "truncated before the status": Form(POSTFIX[: POSTFIX.index(b"--b\nContent-Type: message/delivery")], "soft"),
    "truncated within it": Form(POSTFIX[: POSTFIX.index(b"Action:")], "soft"),
    "without fields": Form(POSTFIX.replace(b"Action: failed\n", b"").replace(b"Status: 5.1.1\n", b""), "soft"),
    "words in base64": Form(in_base64("550 5.1.1 user unknown\n"), "closed"),
    "nested": Form(nested(3, POSTFIX), "closed"),
    "nested too deep": Form(nested(2000, POSTFIX), "soft"),
    "huge": Form(POSTFIX.replace(b"It failed", b"x" * 70 + b"\n") + b"A" * 3_000_000, "closed"),
    "many parts": Form(POSTFIX + b"\n--b\n\n" * 300_000, "closed"),
    "quoted headers": Form(
        report(
            "5.1.1",
            to="returns@papers.example.org",
            original=f"Return-Path: <returns+{NAME}=\n.abc@papers.example.org>",
        ).replace(
            b"Content-Type: text/rfc822-headers",
            b"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable",
        ),
        "closed",
    ),
    "arrived in part": Form(
        POSTFIX.replace(b"Final-Recipient", b"Action: relayed\nStatus: 2.0.0\n\nFinal-Recipient"), "noted"
    ),
}
