"""What mail servers send back: delivery reports, complaints, requests to leave, and all that is none of these."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from paperwire.channels.email.returned import read

NAME = "1f-" + "a2b3c4d5" * 3
OTHER = "2a-" + "b2b3c4d5" * 3
TAGGED = f"returns+{NAME}.0123456789ab@papers.example.org"


def report(kind, blocks, *, to=TAGGED, original=""):
    """A multipart/report as mail servers write it; `blocks` are groups of fields."""
    fields = "\r\n\r\n".join("\r\n".join(block) for block in blocks)
    part = {"delivery-status": "message/delivery-status", "feedback-report": "message/feedback-report"}[kind]
    return (
        "From: MAILER-DAEMON@mx.example\r\n"
        f"To: {to}\r\n"
        "Subject: Returned\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: {part}\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
    ).encode()


def failure(status, diagnostic="", *, action="failed", **where):
    block = ["Final-Recipient: rfc822; ann@example.org", f"Action: {action}", f"Status: {status}"]
    block += [f"Diagnostic-Code: smtp; {diagnostic}"] if diagnostic else []
    return report("delivery-status", [["Reporting-MTA: dns; mx.example"], block], **where)


@pytest.mark.parametrize(
    ("status", "diagnostic", "outcome", "reason"),
    [
        ("5.1.1", "550 5.1.1 No such user", "closed", "mail came back: smtp; 550 5.1.1 No such user"),
        ("5.2.1", "", "closed", "mail came back: 5.2.1"),
        ("5.2.2", "552 5.2.2 full", "closed", "mail came back: smtp; 552 5.2.2 full"),
        ("4.4.7", "", "closed", "mail came back: 4.4.7"),
        ("5.7.13", "", "closed", "mail came back: 5.7.13"),  # the account is disabled
        ("5.7.1", "554 5.7.1 spam", "noted", "the mail was refused: smtp; 554 5.7.1 spam"),
        ("5.3.4", "", "noted", "the mail was refused: 5.3.4"),
        ("5.2.3", "", "noted", "the mail was refused: 5.2.3"),
        ("5.6.0", "", "noted", "the mail was refused: 5.6.0"),
        ("", "", "closed", "mail came back:"),
    ],
)
def test_a_failure_closes_the_address_unless_it_is_about_the_mail(status, diagnostic, outcome, reason):
    found = read(failure(status, diagnostic), "")
    assert (found.names, found.outcome, found.reason) == ((NAME,), outcome, reason)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_is_no_failure_closes_nothing(action):
    found = read(failure("4.4.1", action=action), "")
    assert (found.names, found.outcome) == ((NAME,), "noted")


def test_one_failure_among_others_closes():
    blocks = [["Reporting-MTA: dns; mx"], ["Action: delayed"], ["Action: failed", "Status: 5.1.1"]]
    assert read(report("delivery-status", blocks), "").outcome == "closed"
    assert read(report("delivery-status", []), "").outcome == "noted"


def test_a_complaint_closes_and_its_opposite_does_not():
    block = ["Feedback-Type: abuse", "User-Agent: X/1", f"Original-Mail-From: <{TAGGED}>"]
    found = read(report("feedback-report", [block], to="abuse@papers.example.org"), "abuse@papers.example.org")
    assert (found.names, found.outcome, found.reason) == (
        (NAME,),
        "closed",
        "its reader complained about the mail (abuse)",
    )
    assert read(report("feedback-report", [["Feedback-Type: not-spam"]]), "").outcome == "noted"
    assert read(report("feedback-report", [["User-Agent: X/1"]]), "").reason.endswith("(abuse)")


def test_a_complaint_without_its_sender_is_known_by_the_original():
    original = f"List-Unsubscribe: <https://papers.example.org/u/{NAME}>"
    found = read(report("feedback-report", [["Feedback-Type: abuse"]], to="abuse@x.example", original=original), "")
    assert found.names == (NAME,)
    whole = report(
        "feedback-report", [["Feedback-Type: abuse"]], to="abuse@x.example", original=f"{original}\r\n\r\nHi"
    )
    found = read(whole.replace(b"text/rfc822-headers", b"message/rfc822"), "")
    assert found.names == (NAME,)


def test_whom_the_pipe_names_counts_before_what_the_mail_says():
    found = read(failure("5.1.1", to=f"x+{OTHER}@papers.example.org"), f"X+{NAME.upper()}@papers.example.org")
    assert found.names == (NAME, OTHER)


def test_a_mail_to_leave_is_one_and_any_other_mail_is_nothing():
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"] = TAGGED, "Unsubscribe "
    mail.set_content("please")
    found = read(mail.as_bytes(), "")
    assert (found.names, found.outcome) == ((NAME,), "left")
    mail.replace_header("Subject", "Out of office")
    assert read(mail.as_bytes(), TAGGED) is None
    mail.replace_header("Subject", "unsubscribe")
    mail.replace_header("To", "news@papers.example.org")
    assert read(mail.as_bytes(), "") is None  # nobody says who


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 1000,
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nAction",
        b"Content-Type: message/feedback-report\r\nContent-Transfer-Encoding: base64\r\n\r\n////",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 5000,
    ],
    ids=range(6),
)
def test_whatever_it_is_it_is_read(raw):
    found = read(raw, "")
    assert found is None or found.outcome in {"noted", "closed"}
