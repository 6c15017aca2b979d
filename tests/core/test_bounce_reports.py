"""What mail servers send back: delivery reports, complaints, requests to leave, and all that is none of these."""

import tracemalloc
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bounce_forms import FORMS, NAME, OTHER, POSTFIX, TAGGED
from paperwire.core.bounces.report import read_report


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


@pytest.mark.parametrize("name", FORMS)
def test_each_form_comes_to_what_it_says(name):
    form = FORMS[name]
    found = read_report(form.raw, "")
    if form.outcome is None:
        assert found is None
    else:
        assert (found.names[:1], found.outcome) == ((NAME,), form.outcome)
        assert form.reason in found.reason


@pytest.mark.parametrize(
    ("status", "diagnostic", "outcome", "reason"),
    [
        ("5.1.1", "550 5.1.1 No such user", "closed", "mail came back: smtp; 550 5.1.1 No such user"),
        ("5.1.6", "", "closed", "mail came back: 5.1.6"),
        ("5.2.1", "", "closed", "mail came back: 5.2.1"),
        ("5.2.2", "552 5.2.2 full", "soft", "mail came back: smtp; 552 5.2.2 full"),
        ("5.2.4", "", "soft", "mail came back: 5.2.4"),
        ("5.3.4", "", "soft", "mail came back: 5.3.4"),
        ("4.4.7", "", "soft", "mail came back: 4.4.7"),
        ("4.7.1", "451 4.7.1 Greylisted", "soft", "mail came back: smtp; 451 4.7.1 Greylisted"),
        ("4.7.28", "421 4.7.28 unusual rate of mail from your IP", "soft", "mail came back: smtp; 421 4.7.28"),
        ("4.4.7", "554 5.7.1 Client host blocked", "noted", "the mail was refused: smtp; 554 5.7.1"),
        ("5.1.1", "450 please wait", "soft", "mail came back: smtp; 450 please wait"),
        ("5.5.0", "550 5.5.0 mailbox unavailable", "soft", "mail came back: smtp; 550 5.5.0"),
        ("5.5.1", "503 5.5.1 Bad sequence", "noted", "the mail was refused: smtp; 503 5.5.1"),
        ("5.0.0", "host mx.example.org [192.0.2.9] said: 550 No such user", "closed", "mail came back: smtp; host mx."),
        ("5.0.0", "550 No such user here [192.0.2.9]", "closed", "mail came back: smtp; 550 No such user here"),
        ("5.0.0", "552 Mailbox size limit exceeded", "soft", "mail came back: smtp; 552 Mailbox size"),
        ("5.0.0", "all hosts have been failing for a long time [192.0.2.9]", "soft", "mail came back: smtp; all hosts"),
        ("5.1.1", "450 4.1.1 not verified yet", "soft", "mail came back: smtp; 450 4.1.1 not verified yet"),
        ("5.7.13", "", "noted", "the mail was refused: 5.7.13"),  # of our login
        ("5.1.7", "", "noted", "the mail was refused: 5.1.7"),
        ("5.1.1", "550 5.7.1 spam", "noted", "the mail was refused: smtp; 550 5.7.1 spam"),
        (
            "5.1.0",
            "550 5.1.0 <p@x.example> sender rejected",
            "noted",
            "the mail was refused: smtp; 550 5.1.0 <p@x.exam",
        ),
        ("5.1.1", "550 5.1.1 <a@policy.spam.example> unknown", "closed", "mail came back: smtp; 550 5.1.1 <a@policy."),
        ("5.7.1", "554 5.7.1 spam", "noted", "the mail was refused: smtp; 554 5.7.1 spam"),
        ("5.2.3", "", "noted", "the mail was refused: 5.2.3"),
        ("5.6.0", "", "noted", "the mail was refused: 5.6.0"),
        ("5.0.0", "554 no such user here", "soft", "mail came back: smtp; 554 no such user here"),
        ("5.0.0", "550 go away", "soft", "mail came back: smtp; 550 go away"),
        ("", "", "soft", "mail came back:"),
    ],
)
def test_a_failure_closes_the_address_or_counts_unless_it_is_about_us_or_the_mail(status, diagnostic, outcome, reason):
    found = read_report(failure(status, diagnostic), "")
    assert (found.names, found.outcome) == ((NAME,), outcome)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_closes_and_counts_nothing(action):
    for status, words in (("4.4.1", ""), ("4.7.1", "450 4.7.1 Greylisted"), ("5.1.1", "550 5.1.1 No such user")):
        found = read_report(failure(status, words, action=action), "")
        assert (found.names, found.outcome) == ((NAME,), "noted")


def test_one_failure_among_others_closes():
    blocks = [["Reporting-MTA: dns; mx"], ["Action: delayed"], ["Action: failed", "Status: 5.1.1"]]
    assert read_report(report("delivery-status", blocks), "").outcome == "closed"
    blocks = [["Action: failed", "Status: 5.1.1"], ["Action: failed", "Status: 4.2.2"], ["Action: failed"]]
    assert read_report(report("delivery-status", blocks), "").outcome == "closed"
    assert read_report(report("delivery-status", []), "").outcome == "soft"
    assert read_report(failure("5.1.1", action=""), "").outcome == "soft"


def test_a_complaint_closes_and_its_opposite_does_not():
    block = ["Feedback-Type: abuse", "User-Agent: X/1", f"Original-Mail-From: <{TAGGED}>"]
    found = read_report(report("feedback-report", [block], to="abuse@papers.example.org"), "abuse@papers.example.org")
    assert (found.names, found.outcome, found.reason) == (
        (NAME,),
        "closed",
        "its reader complained about the mail (abuse)",
    )
    assert read_report(report("feedback-report", [["Feedback-Type: not-spam"]]), "").outcome == "noted"
    assert read_report(report("feedback-report", [["User-Agent: X/1"]]), "").reason.endswith("(abuse)")


def test_a_complaint_without_its_sender_is_known_by_the_original():
    original = f"List-Unsubscribe: <https://papers.example.org/u/{NAME}>"
    found = read_report(
        report("feedback-report", [["Feedback-Type: abuse"]], to="abuse@x.example", original=original), ""
    )
    assert found.names == (NAME,)
    whole = report(
        "feedback-report", [["Feedback-Type: abuse"]], to="abuse@x.example", original=f"{original}\r\n\r\nHi"
    )
    found = read_report(whole.replace(b"text/rfc822-headers", b"message/rfc822"), "")
    assert found.names == (NAME,)


def test_whom_the_pipe_names_counts_before_what_the_mail_says():
    found = read_report(failure("5.1.1", to=f"x+{OTHER}@papers.example.org"), f"X+{NAME.upper()}@papers.example.org")
    assert found.names == (NAME, OTHER)


def test_a_mail_to_leave_is_one_and_any_other_mail_is_nothing():
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"] = TAGGED, "Unsubscribe "
    mail.set_content("please")
    found = read_report(mail.as_bytes(), "")
    assert (found.names, found.outcome) == ((NAME,), "left")
    mail.replace_header("Subject", "Out of office")
    assert read_report(mail.as_bytes(), TAGGED) is None
    mail.replace_header("Subject", "unsubscribe")
    mail.replace_header("To", "news@papers.example.org")
    assert read_report(mail.as_bytes(), "") is None  # nobody says who


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
    found = read_report(raw, "")
    assert found is None or found.outcome in {"noted", "soft", "closed"}


def test_a_report_nested_too_deep_is_read_by_its_headers_alone():
    nested = f"To: {TAGGED}\nSubject: unsubscribe\n".encode() + b"Content-Type: message/rfc822\n\n" * 2_000
    report = read_report(nested, "")
    assert report is not None
    assert (report.names, report.outcome) == ((NAME,), "left")


@pytest.mark.parametrize(
    "raw",
    [
        POSTFIX + b"\n--b\n\n" * 90_000,
        POSTFIX + b"a\n" * 250_000,
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(12_000)),
    ],
    ids=["parts", "lines", "mails", "levels"],
)
@pytest.mark.whole
def test_memory_for_a_hostile_mail_is_bounded(raw):
    tracemalloc.start()
    try:
        read_report(raw, "")
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
