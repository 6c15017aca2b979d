"""What the replies of mail servers mean, in the words that they use: of the address, of the mail, or of us."""
# ruff: noqa: E501 -- replies stand as servers write them

import pytest

from paperwire.core.bounces.reply import ReplyVerdict, is_certain, verdict, words_of

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
    (550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; the sender was not authenticated", "text", LATER),
    (550, "5.7.1 RESOLVER.RST.AuthRequired; authentication required [Stage: CreateMessage]", "text", LATER),
    (432, "4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", "text", LATER),
    (554, "5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded", "text", LATER),
    (550, "5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", "recipient", LATER),
    (550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", "recipient", UNCLEAR),
    (550, "5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Part of their network is on our block list (S3140)", "sender", US),
    (451, "4.7.500 Server busy. Please try again later from [192.0.2.7]. (AS761)", "recipient", US),
    (550, "5.7.606 Access denied, banned sending IP [192.0.2.7]", "recipient", US),
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
    (550, "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered", "recipient", LATER),
    (552, "5.2.2 The recipient's inbox is out of storage space and inactive. Please direct the recipient to https://support.example.com/?p=OverQuotaPerm", "recipient", LATER),
    (552, "5.7.0 This message was blocked because its content presents a potential security issue", "text", MAIL),
    (550, "5.7.25 [192.0.2.7] The IP address sending this message does not have a PTR record setup", "text", US),
    # SES
    (554, "Message rejected: Address blacklisted.", "text", LATER),
    (554, "Message rejected: Sending paused for this account", "text", US),
    (554, "Transaction failed: Duplicate header 'Subject'.", "text", MAIL),
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
    (550, "Recipient is on our suppression list", "recipient", LATER),
    (550, "Mailbox does not exist!", "recipient", CLOSED),
    # Proofpoint, Mimecast, Barracuda
    (550, "5.1.1 <ann@example.org>... User unknown", "recipient", CLOSED),
    (554, "Blocked - see https://ipcheck.example.com/?ip=192.0.2.7", "recipient", US),
    (550, "5.7.0 Local Policy Violation", "text", US),
    (550, "Invalid Recipient - https://community.example.com/docs/DOC-1369#550", "recipient", CLOSED),
    (550, "Administrative prohibition - envelope blocked - https://community.example.com/docs/DOC-1369#550", "recipient", US),
    (550, "Rejected by header based manually Blocked Senders: <news@papers.example>", "text", US),
    (451, "Internal resources are temporarily unavailable - https://community.example.com/docs/DOC-1369#451", "recipient", LATER),
    (554, "Email rejected due to security policies - https://community.example.com/docs/DOC-1369#554", "text", US),
    (550, "permanent failure for one or more recipients (ann@example.org:blocked)", "text", US),
    # qmail and its kin
    (550, "sorry, no mailbox here by that name. (#5.1.1)", "recipient", CLOSED),
    (550, "sorry, no mailbox here by that name", "recipient", CLOSED),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "recipient", US),
    (550, "sorry, your envelope sender is in my badmailfrom list (#5.7.1)", "recipient", US),
    (552, "sorry, that message size exceeds my databytes limit (#5.3.4)", "text", MAIL),
    (550, "User account is overquota", "recipient", LATER),
    (451, "qq temporary problem (#4.3.0)", "text", BUSY),
    # cPanel, mail.ru, Yandex, and others without enhanced codes
    (550, "The mail server could not deliver mail to ann@example.org. The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.", "recipient", LATER),
    (550, "Message was not accepted -- invalid mailbox. Local mailbox ann@example.org is unavailable: user not found", "recipient", CLOSED),
    (550, "5.7.1 No such user!", "recipient", LATER),
    (550, "unknown or illegal alias: ann@example.org", "recipient", CLOSED),
    (551, "User not local; please try <ann@example.net>", "recipient", LATER),
    (552, "Requested mail action aborted: exceeded storage allocation", "text", LATER),
    (552, "Mailbox size limit exceeded", "recipient", LATER),
    (452, "Mailbox size limit exceeded", "recipient", LATER),
    (550, "user has exceeded storage limit", "recipient", LATER),
    (550, "Your account is over quota", "recipient", US),
    (550, "rDNS address not found", "recipient", US),
    (550, "No such user (mx.example.org[192.0.2.9])", "recipient", CLOSED),
    (550, "User unknown, see https://help.example.org/blocked/policy.html", "recipient", CLOSED),
    (550, "Refused: 192.0.2.7", "recipient", US),
    (550, "Mailbox temporarily unavailable", "recipient", LATER),
    (550, "Recipient not available, try again later", "recipient", LATER),
    (550, "<news@papers.example>: no such user", "recipient", LATER),
    (550, "No such user: Ann@Example.org", "recipient", CLOSED),
    (550, "5.1.1.9 is blacklisted", "recipient", US),
    (550, "mail from [5.2.1.77] refused", "recipient", US),
    (550, "No such user (#5.1.1).", "recipient", CLOSED),
    # OVH, GMX, Yahoo, Fastmail
    (554, "5.7.1 <news@papers.example>: Sender address rejected: Access denied; sending blocked for spam", "recipient", US),
    (550, "5.7.1 You have exceeded your hourly quota", "recipient", US),
    (550, "Requested action not taken: mailbox unavailable", "recipient", CLOSED),
    (550, "Requested action not taken: mailbox unavailable\nFor explanation visit https://postmaster.example.net/error-messages?ip=192.0.2.7&c=un", "recipient", CLOSED),
    (550, "Requested action not taken: mailbox unavailable\nReject due to policy restrictions.", "recipient", US),
    (550, "Requested action not taken: mailbox unavailable\ninvalid DNS MX or A/AAAA resource record", "recipient", US),
    (553, "5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list", "recipient", US),
    (421, "4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints", "recipient", US),
    (554, "5.7.9 Message not accepted for policy reasons", "text", US),
    (554, "delivery error: dd This user doesn't have a yahoo.com account", "text", LATER),
    (552, "1 Requested mail action aborted, mailbox not found", "text", LATER),
    (554, "30 Sorry, your message to ann@example.org cannot be delivered. This mailbox is disabled (554.30).", "text", LATER),
    (421, "4.7.1 [TS03] All messages from 192.0.2.7 will be permanently deferred; Retrying will NOT succeed", "recipient", US),
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


def test_only_the_code_for_no_such_mailbox_is_certain():
    assert is_certain("550 5.1.1 No such user")
    assert not any(map(is_certain, ("550 No such user", "550 5.1.10 not found", "550 5.1.1.9 is listed")))
