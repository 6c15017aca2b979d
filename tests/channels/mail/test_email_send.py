"""Mail as it leaves: each header and part, and its signature."""

import base64
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import dkim
import pytest
from mail_scene import ANN, LEAVE, NAME, NOW, ONE, PAPER, channel_of, failing
from pydantic import SecretStr

from paperwire.channels.email.envelope import SIZE, parts
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Rejected

ACTS = "https://papers.example.org/mailed/" + "x" * 42


async def test_each_header_of_a_paper_that_arrives(smtp_server):
    receipt = await channel_of(smtp_server).send(ANN, ONE)
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == (f"news+{NAME}.0123456789ab@papers.example.org", [ANN])
    headers = dict(mail.parsed.items())
    assert headers.pop("X-Peer", None) is None
    assert headers.pop("Content-Type").startswith("multipart/alternative")
    assert parsedate_to_datetime(headers.pop("Date")) == NOW
    assert headers == {
        "From": "Paperwire <news@papers.example.org>",
        "To": ANN,
        "Subject": "On <diffusion> & “Ω”",
        "Message-ID": "<0123456789abcdef012345678@papers.example.org>",
        "Auto-Submitted": "auto-generated",
        "List-Id": "Paperwire <paperwire.papers.example.org>",
        "Precedence": "bulk",
        "List-Unsubscribe": f"<{LEAVE.url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
    }
    assert receipt.message_id == headers["Message-ID"]
    assert all(len(line) <= 78 for line in mail.raw.split(b"\r\n\r\n")[0].split(b"\r\n") if b"Unsubscribe" not in line)


async def test_the_text_and_the_html_say_the_same(smtp_server):
    await channel_of(smtp_server).send(ANN, ONE)
    (mail,) = smtp_server.mails
    assert mail.part("plain").replace("\r\n", "\n") == (
        "On <diffusion> & “Ω”\nhttps://arxiv.org/abs/2501.00001\nA. Smith · cs.AI\n\nWe show it.\n\n"
        "PDF: https://arxiv.org/pdf/2501.00001\n\n-- \n"
        f"Unsubscribe: {LEAVE.url}\n"
    )
    html = mail.part("html")
    assert "On &lt;diffusion&gt; &amp; “Ω”" in html
    assert html.count('href="https://arxiv.org/abs/2501.00001"') == 1
    assert LEAVE.url in html
    assert "Save" not in html  # a mail cannot answer
    assert 'style="' in html  # at each element
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<img|<script|<link|url\(|src=", html)
    assert '<div class="hidden" style="' in html
    assert "We show it.</div>" in html  # the preheader


async def test_a_long_digest_has_contents_and_stays_under_what_gmail_shows(smtp_server):
    items = tuple(
        Item(
            f"Paper {at} " + "字" * 500,
            f"https://arxiv.org/abs/2501.{at:05}",
            PAPER.lines,
            "a" * 8000,
            acts=f"{ACTS}{at}",
        )
        for at in range(50)
    )
    message = Message(head=((Span("50 new papers", "bold"),),), items=items, key="k" * 25, leave=LEAVE)
    await channel_of(smtp_server).send(ANN, message)
    (mail,) = smtp_server.mails
    html = mail.part("html")
    assert len(html.encode()) <= SIZE < 102_000
    assert all(html.count(f'href="{item.url}"') == 1 for item in items)
    assert all(html.count(f'href="{item.acts}#why"') == 1 for item in items)
    assert 'href="#p50"' in html
    assert 'id="p50"' in html
    assert LEAVE.url in html
    assert mail.parsed["Subject"] == "50 new papers"


def test_each_paper_of_a_mail_has_one_address_in_the_text_and_three_links_in_the_html():
    made = parts(Message(items=(replace(PAPER, acts=ACTS), PAPER)))
    assert f"We show it.\n\nSave, mute, why: {ACTS}\n\n2. On" in made.text
    assert re.findall(rf'<a href="{ACTS}#(\w+)"[^>]*>([^<]+)</a>', made.html) == [
        ("save", "Save"),
        ("mute", "Mute…"),
        ("why", "Why?"),
    ]
    assert made.html.count('class="acts"') == 1


def test_a_short_list_has_no_contents():
    made = parts(Message(head=((Span("2 new papers"),), (Span("x", url="https://a.example/"),)), items=(PAPER, PAPER)))
    assert 'href="#p1"' not in made.html
    assert "1. On" in made.text
    assert "x <https://a.example/>" in made.text


@pytest.mark.parametrize(("papers", "contents"), [(15, False), (16, True)])
def test_only_a_long_list_has_contents(papers, contents):
    made = parts(Message(head=((Span(f"{papers} new papers"),),), items=(PAPER,) * papers))
    assert ('class="contents"' in made.html) == contents


def test_a_list_is_called_by_its_subject_and_says_the_others_before_it_is_opened():
    items = (PAPER, replace(PAPER, title="Second"), replace(PAPER, title="Third"))
    made = parts(Message(head=((Span("3 new papers"),),), items=items, subject="graph: On it, and 2 more"))
    assert made.subject == "graph: On it, and 2 more"
    assert "<title>graph: On it, and 2 more</title>" in made.html
    assert ">3 new papers; Second; Third</div>" in made.html


@pytest.mark.parametrize(
    ("locale", "begins"), [("", '<html lang="en" dir="ltr">'), ("xx", '<html lang="en" dir="ltr">')], ids=["none", "xx"]
)
def test_the_html_says_its_language_and_direction(locale, begins):
    assert begins in parts(Message(head=((Span("x"),),), locale=locale)).html


def test_papers_stand_under_the_subscription_that_wanted_them():
    items = (replace(PAPER, section="snakes & <ladders>"), PAPER, replace(PAPER, section="Ω"))
    made = parts(Message(head=((Span("3 new papers"),),), items=items))
    assert "\n\nsnakes & <ladders>\n==================\n\n1. On" in made.text
    assert "\n\n2. On" in made.text
    assert "\n\nΩ\n=\n\n3. On" in made.text
    headings = re.findall(r'<p class="section"[^>]*>([^<]*)</p>\s*<div class="paper"', made.html)
    assert headings == ["snakes &amp; &lt;ladders&gt;", "Ω"]
    assert made.html.count('class="paper"') == 3


async def test_a_message_that_is_sent_again_has_the_same_id_and_one_that_is_no_list_no_way_out(smtp_server):
    channel = channel_of(smtp_server)
    for _ in range(2):
        await channel.send(ANN, Message(head=((Span("Confirm"),),)))
    first, second = smtp_server.mails
    assert first.parsed["Message-ID"] == second.parsed["Message-ID"]
    assert first.sender == "news@papers.example.org"
    assert not [name for name in first.parsed if name.startswith("List-")]


async def test_without_https_there_is_no_one_click(smtp_server):
    await channel_of(smtp_server, public_url="http://papers.example.org").send(ANN, ONE)
    assert smtp_server.mails[0].parsed["List-Unsubscribe"] == f"<{LEAVE.url}>"
    assert smtp_server.mails[0].parsed["List-Unsubscribe-Post"] is None


async def test_a_mailbox_for_returns_is_a_way_out_too(smtp_server):
    await channel_of(smtp_server, bounce_address="returns@papers.example.org").send(ANN, ONE)
    tagged = f"returns+{NAME}.0123456789ab@papers.example.org"
    assert smtp_server.mails[0].sender == tagged
    assert smtp_server.mails[0].parsed["List-Unsubscribe"] == f"<{LEAVE.url}>, <mailto:{tagged}?subject=unsubscribe>"


async def test_without_verp_all_mail_goes_back_to_one_address(smtp_server):
    await channel_of(smtp_server, verp=False).send(ANN, ONE)
    assert smtp_server.mails[0].sender == "news@papers.example.org"


@pytest.mark.parametrize(
    ("name", "tag"), [("a" * 23, f"+{NAME}.0123456789ab"), ("a" * 36, f"+{NAME}"), ("a" * 37, ""), ("a" * 64, "")]
)
async def test_a_return_address_is_no_longer_than_servers_take(smtp_server, name, tag):
    await channel_of(smtp_server, bounce_address=f"{name}@papers.example.org").send(ANN, ONE)
    assert smtp_server.mails[0].sender == f"{name}{tag}@papers.example.org"
    by_mail = f", <mailto:{name}{tag}@papers.example.org?subject=unsubscribe>" if tag else ""
    assert smtp_server.mails[0].parsed["List-Unsubscribe"] == f"<{LEAVE.url}>{by_mail}"


async def test_signs_in_a_return_address_are_written_as_an_address_in_mailto_has_them(smtp_server):
    await channel_of(smtp_server, bounce_address="news%l?a&b#c@papers.example.org").send(ANN, ONE)
    mailto = urlsplit(smtp_server.mails[0].parsed["List-Unsubscribe"].rpartition("<")[2].rstrip(">"))
    assert unquote(mailto.path) == smtp_server.mails[0].sender
    assert (mailto.query, mailto.fragment) == ("subject=unsubscribe", "")


async def test_the_signature_covers_what_we_write_and_verifies(smtp_server, rsa):
    key, public = rsa
    channel = channel_of(smtp_server, dkim_selector="s1", dkim_key=SecretStr(key))
    await channel.send(ANN, ONE)
    (mail,) = smtp_server.mails
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    asked = []

    def dns(name, timeout=5):
        asked.append(name)
        return record

    assert dkim.verify(mail.raw, dnsfunc=dns)
    assert asked == [b"s1._domainkey.papers.example.org."]
    assert not dkim.verify(mail.raw.replace(b"We show it", b"We hide it"), dnsfunc=dns)
    signed = {name.strip() for name in re.search(r"h=([^;]+);", mail.parsed["DKIM-Signature"])[1].split(":")}
    assert {"from", "to", "subject", "list-unsubscribe", "list-unsubscribe-post", "message-id", "date"} <= signed


ADDED = (
    *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)


@pytest.mark.parametrize("message", [ONE, Message(head=((Span("Confirm"),),))], ids=["list", "single"])
async def test_a_header_that_is_added_on_top_or_below_breaks_the_signature(smtp_server, rsa, message):
    key, public = rsa
    await channel_of(smtp_server, dkim_selector="s1", dkim_key=SecretStr(key)).send(ANN, message)
    (mail,) = smtp_server.mails

    def verifies(raw):
        return dkim.verify(raw, dnsfunc=lambda *_, **__: b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))

    assert verifies(b"Received: from elsewhere\r\n" + mail.raw)
    head, _, body = mail.raw.partition(b"\r\n\r\n")
    for name in ADDED:
        line = f"{name}: evil@e.example".encode()
        assert not verifies(line + b"\r\n" + mail.raw), name
        assert not verifies(head + b"\r\n" + line + b"\r\n\r\n" + body), name


ADDRESS = "https://code.example.org/a-long/path-with-hyphens/" + "and-more-" * 30 + "end?of=it#all"


async def test_no_address_is_broken_in_plain_text(smtp_server):
    abstract = f"{'word ' * 13}{ADDRESS} and ann-marie.very-long-name@mail-of.an-institute-somewhere.example.org too"
    item = Item(
        f"A title with {ADDRESS}", PAPER.url, ((Span("Code", url=ADDRESS),), (Span(ADDRESS, url=ADDRESS),)), abstract
    )
    message = Message(head=((Span(f"See {ADDRESS}"),),), items=(item, item), key="k" * 25, leave=LEAVE)
    await channel_of(smtp_server).send(ANN, message)
    words = smtp_server.mails[0].part("plain").split()
    assert words.count(ADDRESS) == 2 * 3 + 1
    assert words.count(f"<{ADDRESS}>") == 2
    assert words.count("ann-marie.very-long-name@mail-of.an-institute-somewhere.example.org") == 2
    assert LEAVE.url in words


def test_an_address_that_is_too_long_for_what_is_left_is_left_out_whole():
    abstract = f"{'word ' * 700}{ADDRESS} {'word ' * 1000}"
    items = tuple(Item(f"{at} {'字' * 500}", PAPER.url, PAPER.lines, abstract + str(at)) for at in range(50))
    made = parts(Message(items=items, key="k" * 25, leave=LEAVE))
    shown = [word for word in made.text.split() if word.startswith("https://code")]
    assert set(shown) <= {ADDRESS}


HOSTILE = [
    "a\r\nBcc: evil@e.example",
    "a\nBcc: evil@e.example\n\nbody",
    "a\u2028Bcc: evil@e.example",
    "=?utf-8?q?x=0ABcc:_evil@e.example?=",
    "=?utf-8?q?x=0D=0ABcc:_evil@e.example?= é",
    "a\x00\x0b\x0c\x85Bcc: evil@e.example",
    "\ud800 lone",
    "",
    "字" * 500,
    "a" * 500,
]


@pytest.mark.parametrize("as_subject", [False, True], ids=["title", "subject"])
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_title_makes_a_header(smtp_server, title, as_subject):
    subject = title if as_subject else ""
    await channel_of(smtp_server).send(
        ANN, Message(items=(Item(title, PAPER.url),), key="k", leave=LEAVE, subject=subject)
    )
    (mail,) = smtp_server.mails
    names = [line.partition(b":")[0] for line in mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] > b" "]
    assert names == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"List-Id", b"Precedence",
        b"List-Unsubscribe", b"List-Unsubscribe-Post", b"MIME-Version", b"Content-Type",
    ]  # fmt: skip
    assert mail.parsed["Bcc"] is None
    assert mail.recipients == [ANN]
    assert "\n" not in mail.parsed["Subject"]


async def test_a_key_or_link_that_would_break_a_header_is_refused_not_sent(smtp_server):
    unsafe = Button("x", url="https://papers.example.org/u/a\r\nBcc: evil@e.example")
    error = await failing(channel_of(smtp_server), Message(items=(PAPER,), key="k\r\nBcc: a@b", leave=unsafe))
    assert type(error) is Rejected
    assert smtp_server.mails == []
