"""What the replies of mail servers mean, in the words that they use: of the address, of the mail, or of us."""
# ruff: noqa: E501 -- replies stand as servers write them

import pytest

from paperwire.channels.email.refusal import ReplyVerdict, verdict, words_of

CLOSED, LATER, BUSY, US, MAIL, UNCLEAR = (
    ReplyVerdict.CLOSED, ReplyVerdict.LATER, ReplyVerdict.BUSY, ReplyVerdict.US, ReplyVerdict.MAIL, ReplyVerdict.UNCLEAR,
)  # fmt: skip
ANN = "ann@example.org"
REPLIES = [
    # Postfix
    (550, "5.1.1 <ann@example.org>: Recipient address rejected: User unknown in local recipient table", "recipient", CLOSED),
    (550, "5.1.2 <ann@example.org>: Recipient address rejected: Domain not found", "recipient", CLOSED),
    (450, "4.1.2 <ann@example.org>: Recipient address rejected: Domain not found", "recipient", LATER),
    (553, "5.7.1 <news@papers.example>: Sender address rejected: not owned by user papers", "recipient", US),
    (553, "5.7.1 Sender address rejected", "recipient", US),
    (550, "5.1.0 <news@papers.example>: Sender address rejected: User unknown in virtual mailbox table", "recipient", US),
    (550, "5.1.7 <news@papers.example>: Sender address rejected: undeliverable address", "recipient", US),
    (450, "4.1.8 <news@papers.example>: Sender address rejected: Domain not found", "recipient", US),
    (554, "5.7.1 <ann@example.org>: Relay access denied", "recipient", US),
    (554, "5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", "recipient", US),
    (450, "4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", "recipient", US),
    (504, "5.5.2 <paperwire>: Helo command rejected: need fully-qualified hostname", "recipient", US),
    (450, "4.2.0 <ann@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch", "recipient", LATER),
    (451, "4.7.1 <ann@example.org>: Recipient address rejected: Greylisting in action, please come back later", "recipient", LATER),
    (452, "4.3.1 Insufficient system storage", "recipient", BUSY),
    (451, "4.3.0 <ann@example.org>: Temporary lookup failure", "recipient", BUSY),
    (554, "5.7.1 <ann@example.org>: Recipient address rejected: Access denied", "recipient", UNCLEAR),
    (552, "5.3.4 Message size exceeds fixed limit", "text", MAIL),
    (550, "5.7.1 Message content rejected", "text", MAIL),
    (530, "5.7.0 Must issue a STARTTLS command first", "recipient", US),
    # Exim
    (550, "Unrouteable address", "recipient", CLOSED),
    (550, "No such user here", "recipient", CLOSED),
    (550, "relay not permitted", "recipient", US),
    (550, "Sender verify failed", "recipient", US),
    (550, "Verification failed for <news@papers.example>\nNo Such User Here\nSender verify failed", "recipient", US),
    (550, "Rejected because 192.0.2.7 is in a black list at bl.spamcop.net", "recipient", US),
    (550, "Administrative prohibition", "text", US),
    (451, "Temporary local problem - please try later", "recipient", LATER),
    (554, "Too many connections", "recipient", US),
    # Exchange and Microsoft 365
    (550, "5.1.1 RESOLVER.ADR.RecipNotFound; not found", "recipient", CLOSED),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found by SMTP address lookup", "text", CLOSED),
    (550, "5.1.8 Access denied, bad outbound sender", "recipient", US),
    (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", "sender", US),
    (554, "5.2.252 SendAsDenied; papers@example.com not allowed to send as news@papers.example", "text", US),
    (554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied", "text", US),
    (550, "5.7.501 Access denied, spam abuse detected. The sending account has been banned", "recipient", US),
    (550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", "recipient", US),
    (550, "5.7.705 Access denied, tenant has exceeded threshold", "text", US),
    (451, "4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation", "recipient", US),
    # Gmail
    (550, "5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address", "recipient", CLOSED),
    (550, "5.2.1 The email account that you tried to reach is disabled", "recipient", CLOSED),
    (450, "4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", "recipient", LATER),
    (552, "5.2.2 The recipient's inbox is out of storage space", "recipient", LATER),
    (452, "4.2.2 The recipient's inbox is out of storage space", "recipient", LATER),
    (550, "5.4.5 Daily user sending limit exceeded", "recipient", US),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated", "text", US),
    (421, "4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address", "text", US),
    (550, "5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending domain", "text", US),
    # SES
    (554, "Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: ann@example.org", "text", US),
    (454, "Throttling failure: Daily message quota exceeded", "text", US),
    (454, "Throttling failure: Maximum sending rate exceeded", "text", US),
    (554, "Message rejected: Sending suspended for this account", "text", US),
    (554, "Transaction failed", "text", UNCLEAR),
    # SendGrid and Mailgun
    (550, "The from address does not match a verified Sender Identity", "text", US),
    (451, "Authentication failed: Maximum credits exceeded", "recipient", US),
    (550, "5.7.1 Relaying denied", "recipient", US),
    (421, "Domain sandbox1.mailgun.org is not allowed to send: Please upgrade or add the address to authorized recipients", "text", US),
    (421, "Bye", "recipient", BUSY),
    # OVH, GMX, Yahoo, Fastmail
    (554, "5.7.1 <news@papers.example>: Sender address rejected: Access denied; sending blocked for spam", "recipient", US),
    (550, "5.7.1 You have exceeded your hourly quota", "recipient", US),
    (550, "Requested action not taken: mailbox unavailable", "recipient", CLOSED),
    (553, "5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list", "recipient", US),
    (421, "4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints", "recipient", US),
    (554, "5.7.9 Message not accepted for policy reasons", "text", US),
    (554, "delivery error: dd This user doesn't have a yahoo.com account", "text", UNCLEAR),
    (551, "5.7.1 Not authorised to send from this header address", "text", US),
    (554, "5.7.1 Message identified as spam", "text", MAIL),
    (550, "5.1.1 The sender's message was not delivered: no such user", "recipient", CLOSED),
    (551, "5.1.6 The recipient has moved; the sender should try another address", "recipient", CLOSED),
    # Such as they come from anywhere
    (550, "5.7.1 rejected", "recipient", UNCLEAR),
    (550, "Your account has been suspended", "recipient", US),
    (550, "quota of this mailbox is exceeded", "recipient", LATER),
    (552, "too big", "text", MAIL),
    (552, "sandbox domains are for test purposes only", "recipient", US),
    (452, "4.5.3 Too many recipients", "recipient", US),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "step", "what"), REPLIES)
def test_a_reply_speaks_of_the_address_of_the_mail_or_of_us(code, text, step, what):
    assert verdict(code, words_of(code, text, ANN), step) is what


def test_an_answer_is_shown_without_the_address_it_is_about():
    assert words_of(550, "5.1.1 <Ann@Example.org>\nunknown", ANN) == "550 5.1.1 <address> unknown"
