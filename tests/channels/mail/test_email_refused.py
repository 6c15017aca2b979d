"""What a mail server's refusals come to, login and TLS, and what is no address."""

import re
import ssl
import subprocess
from datetime import timedelta

import pytest
from mail_scene import ANN, ONE, Times, channel_of, failing
from pydantic import SecretStr, ValidationError

from paperwire.channels.email import Options, conversations
from paperwire.channels.email.relay import Relay
from paperwire.errors import ChannelRefused, Gone, Rejected, Retry, Unknown
from paperwire.ports.callers import Actor
from paperwire.ports.channels import Advising, Reporting
from servers.smtp import MailServer

# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "after", "everywhere", "asked", "words"),
    [
        ("550 5.1.1 No such user", Gone, None, None, None, "refused the address: 550 5.1.1 No such user"),
        ("550 5.2.1 Mailbox disabled", Gone, None, None, None, "5.2.1"),
        ("451 4.7.1 Greylisted, come back", Retry, 300.0, False, True, "try this address again later: 451 4.7.1"),
        ("450 busy", Retry, 300.0, False, True, "450 busy"),
        ("452 4.2.2 full", Retry, 300.0, False, True, "4.2.2"),
        ("552 5.2.2 Mailbox full", Retry, 300.0, False, True, "5.2.2"),
        ("421 4.3.2 Shutting down", Retry, 300.0, False, True, "try this address again later: 421"),
        ("554 5.7.1 Relay access denied", ChannelRefused, 300.0, True, False, "refuses our mail: 554"),
        ("530 5.7.0 Authentication required", ChannelRefused, 300.0, True, False, "check channels.email"),
        ("553 5.7.1 Sender address rejected", ChannelRefused, 300.0, True, False, "check channels.email"),
        ("554 5.7.1 Access denied", Retry, 300.0, False, True, "try this address again later: 554"),
        ("drop", Retry, 300.0, False, True, "no answer"),
    ],
)
async def test_what_a_refused_address_comes_to(smtp_server, answer, kind, after, everywhere, asked, words):
    smtp_server.at_rcpt.append(answer)
    channel = channel_of(smtp_server)
    async with channel.room(ANN):
        error = await failing(channel)
    assert type(error) is kind
    assert words in str(error)
    if isinstance(error, Retry):
        assert (error.after, error.everywhere, error.requested) == (after, everywhere, asked)
    assert ("refused since" in channel.state()) == bool(everywhere)
    await channel.send(ANN, ONE)  # nothing is lost
    assert channel.state() == "ready"
    assert len(smtp_server.mails) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("552 5.3.4 Message too big", Rejected, "refused the mail: 552 5.3.4"),
        ("552 too big", Rejected, "refused the mail: 552"),
        ("554 5.7.1 Spam", Rejected, "5.7.1"),
        ("554 Message rejected: Email address is not verified", ChannelRefused, "check channels.email"),
        ("554 5.2.252 SendAsDenied; not allowed to send as this", ChannelRefused, "check channels.email"),
        ("554 Transaction failed", Retry, "refused the mail: 554"),
        ("552 5.2.2 Mailbox full", Retry, "try this address again later"),
        ("550 5.1.1 No such user", Gone, "refused the address"),
        ("451 4.3.0 Later", Retry, "try this address again later"),
        ("421 Bye", Retry, "try this address again later"),
    ],
)
async def test_what_a_refused_mail_comes_to(smtp_server, answer, kind, words):
    smtp_server.at_data.append(answer)
    error = await failing(channel_of(smtp_server))
    assert type(error) is kind
    assert words in str(error)
    assert smtp_server.mails == []


async def test_a_mail_that_may_have_arrived_is_unknown(smtp_server, monkeypatch):
    channel = channel_of(smtp_server)
    smtp_server.at_data.append("hang")
    with monkeypatch.context() as soon:
        soon.setitem(conversations.HURRY, "text", 0.3)
        error = await failing(channel)
    assert (type(error), error.after) == (Unknown, 900.0)
    assert "may have arrived" in channel.state()
    smtp_server.at_data.append("drop")
    assert type(await failing(channel)) is Unknown


async def test_a_server_that_hangs_up_once_it_has_the_mail_has_it(smtp_server):
    smtp_server.at_data.append("250 then drop")
    await channel_of(smtp_server).send(ANN, ONE)
    assert len(smtp_server.mails) == 1


async def test_a_server_that_hangs_up_at_once_is_down_and_says_since_when(smtp_server):
    times = Times()
    channel = channel_of(smtp_server, now=times)
    smtp_server.at_connect += ["drop", "drop"]
    error = await failing(channel)
    assert error.everywhere
    times.now += timedelta(hours=1)
    with pytest.raises(Retry):
        await channel.probe()
    assert channel.state().startswith("reconnecting since 2026-01-05 08:00 UTC: 127.0.0.1 can't be reached")
    await channel.probe()
    assert channel.state() == "ready"


async def test_a_server_that_falls_silent_is_down_and_nothing_can_have_arrived(smtp_server, monkeypatch):
    smtp_server.at_mail.append("hang")
    channel = channel_of(smtp_server)
    with monkeypatch.context() as soon:
        soon.setitem(conversations.ANSWER_TIMEOUTS, "sender", 0.3)
        async with channel.room(ANN):
            error = await failing(channel)
    assert (type(error), error.everywhere) == (Retry, True)
    await channel.send(ANN, ONE)


async def test_a_sender_that_is_refused_closes_the_channel_not_the_place(smtp_server):
    smtp_server.at_mail.append("550 5.7.60 not allowed to send as this sender")
    error = await failing(channel_of(smtp_server))
    assert error.everywhere
    assert not error.of_message  # which would give up papers one after another
    assert "takes no mail from this sender" in str(error)


async def test_an_address_that_is_refused_for_now_is_tried_for_five_days(smtp_server):
    smtp_server.closed = {ANN: "451 4.7.1 greylisted"}
    error = await failing(channel_of(smtp_server))
    assert (type(error), error.everywhere, error.requested) == (Retry, False, True)
    assert (error.after, error.patience) == (300.0, timedelta(days=5).total_seconds())


# --- login and TLS -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, pem = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context


@pytest.mark.parametrize("starttls", [True, False])
async def test_a_login_goes_through_tls(certificate, monkeypatch, starttls):
    pem, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with MailServer(login=("ann", "p@ss word"), tls=context, starttls=starttls) as smtp_server:
        scheme, end = ("smtp", "?starttls=1") if starttls else ("smtps", "")
        url = f"{scheme}://ann:p%40ss%20word@127.0.0.1:{smtp_server.port}{end}"
        channel = channel_of(smtp_server, url=url)
        await channel.send(ANN, ONE)
        assert len(smtp_server.mails) == 1
        wrong = channel_of(smtp_server, url=url, password=SecretStr("other"))
        error = await failing(wrong)
        assert error.everywhere
        assert "refused the login (535): check channels.email.smtp_url" in str(error)
        assert "other" not in repr(wrong._server) + str(error) + wrong.state()
        assert not [line for line in channel.advice() if "unencrypted" in line]


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    async with MailServer(tls=certificate[1], starttls=True) as smtp_server:
        error = await failing(channel_of(smtp_server, url=f"smtp://127.0.0.1:{smtp_server.port}?starttls=1"))
        assert error.everywhere
        assert "can't be reached" in str(error)
        assert "its certificate is self-signed: network.ca_file names authorities to trust" in str(error)
        assert smtp_server.mails == []


async def test_a_server_without_starttls_gets_no_password(smtp_server):
    error = await failing(channel_of(smtp_server, url=f"smtp://ann:hunter2@127.0.0.1:{smtp_server.port}?starttls=1"))
    assert error.everywhere
    assert "STARTTLS extension not supported" in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("url", "relay_of"),
    [
        ("smtp://localhost", ("localhost", 25, False, False)),
        ("smtp://mx.example.org", ("mx.example.org", 25, False, None)),
        ("smtp://mx.example.org?starttls=0", ("mx.example.org", 25, False, False)),
        ("smtp://ann:x@mx.example.org", ("mx.example.org", 587, False, True)),
        ("smtp://ann:x@mx.example.org:25?starttls=0", ("mx.example.org", 25, False, False)),
        ("smtps://ann:x@mx.example.org", ("mx.example.org", 465, True, False)),
        ("smtp://mx.example.org:2525?starttls=1", ("mx.example.org", 2525, False, True)),
    ],
)
def test_an_address_of_a_server_says_how_to_speak_to_it(url, relay_of):
    found = Relay.of(url)
    assert (found.host, found.port, found.tls, found.starttls) == relay_of


@pytest.mark.parametrize(
    "url",
    ["mx.example.org", "http://mx.example.org", "smtp://", "smtp://u:hunter2@h:port", "smtp://u:hunter2@h?tls=1",
     "smtp://u:hunter2@h/path", "smtp://u:hunter2@h?starttls=yes", "smtp://u:hunter2@[::1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_showing_it(url):
    with pytest.raises(ValidationError, match="must be an address such as") as caught:
        Options(smtp_url=SecretStr(url))
    assert "hunter2" not in str(caught.value)


def test_a_key_alone_or_one_that_is_none_is_refused(rsa):
    with pytest.raises(ValidationError, match="go together"):
        Options(dkim_selector="s1")
    with pytest.raises(ValidationError, match="must be an RSA private key in PEM") as caught:
        Options(dkim_selector="s1", dkim_key=SecretStr("hunter2"))
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ValidationError, match="go together"):
        Options(dkim_key=SecretStr(rsa[0]))
    with pytest.raises(ValidationError, match="looks like"):
        Options(from_address="nobody")
    assert Options().missing() == "smtp_url"
    assert Options(smtp_url=SecretStr("smtp://h")).missing() == "from_address"
    assert Options(smtp_url=SecretStr("smtp://h"), from_address="a@b.example").missing() == ""


async def test_advice_is_what_keeps_mail_out_of_inboxes(smtp_server, rsa):
    plain = channel_of(smtp_server, public_url="http://127.0.0.1:8000", url="smtp://u:p@h.example?starttls=0")
    assert [line.split(":")[0] for line in plain.advice()] == [
        "mail is not signed by DKIM",
        "public_url is not https",
        "links in mails work only on this machine",
        "the password goes to the mail server unencrypted",
    ]
    assert channel_of(smtp_server, dkim_selector="s", dkim_key=SecretStr(rsa[0])).advice() == []
    assert isinstance(plain, Advising)
    assert isinstance(plain, Reporting)


# --- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Ann.Lee+x@Example.ORG", "ann.lee+x@example.org"),
        (" mailto:ann@example.org ", "ann@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("ann@example.org.", "ann@example.org"),
    ],
)
async def test_an_address_has_one_form(smtp_server, typed, address):
    channel = channel_of(smtp_server)
    place, may = await channel.inspect(typed, Actor(channel="telegram", user_id="7"))
    assert (place.address, place.kind, place.channel, may) == (address, "mailbox", "email", False)
    assert (await channel.inspect(typed, Actor(channel="email", user_id=address)))[1]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("ann\r\nBcc: x@example.org", "control characters"),
        ("ann@exa\x00mple.org", "control characters"),
        ("ann@exam\u2028ple.org", "control characters"),
        ("ann lee@example.org", "spaces"),
        ('"ann lee"@example.org', "spaces"),
        ('"ann.lee"@example.org', "in quotes"),
        ("a" * 390 + "@b.example", "at most 254"),
        ("a" * 65 + "@b.example", "before the @"),
        ("a@" + "ü" * 200 + ".example", "follows the @"),
        ("a" * 64 + "@" + ".".join(["üüüü"] * 19), "at most 254"),
        ("ann", "looks like"),
        ("@example.org", "looks like"),
        ("ann@", "looks like"),
        ("", "looks like"),
        ("änn@example.org", "before the @"),
        ("a..b@example.org", "before the @"),
        ("=?utf-8?q?a=0D=0ABcc=3Aevil?=@example.org", "before the @"),
        ("<ann@example.org>", "before the @"),
        ("ann@localhost", "follows the @"),
        ("ann@[127.0.0.1]", "follows the @"),
        ("ann@127.0.0.1", "follows the @"),
        ("ann@-a.example", "follows the @"),
        ("ann@a..example", "follows the @"),
    ],
)
async def test_what_is_no_address_is_refused_and_says_why(smtp_server, typed, why):
    with pytest.raises(Gone, match=re.escape(why)):
        await channel_of(smtp_server).inspect(typed, Actor(channel="", user_id=""))
