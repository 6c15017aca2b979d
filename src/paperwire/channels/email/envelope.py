"""A message as the bytes of a mail: its headers, each checked, plain text, HTML and its signature.

Styles stand at each element of the HTML, as many mail clients drop others.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Button, Item, Message, Rich, Span
from paperwire.core.text.clean import ELLIPSIS, clean, cut, single_line
from paperwire.errors import Rejected
from paperwire.texts import Texts, texts_in

if TYPE_CHECKING:  # see `_inliner`
    import css_inline

_NAME = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_LONGEST_LOCAL = 64  # RFC 5321, section 4.5.3.1.1
_KEY = re.compile(r"[0-9A-Za-z]{1,64}")
_NEVER_ADDED = (
    *("cc", "reply-to", "in-reply-to", "references", "content-transfer-encoding"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
"""What readers and mail programs go by where we may write none. Sender is left out, as mail servers that authenticate
us may add it."""
SIZE = 98_000
"""Bytes of the HTML part; Gmail cuts what is longer than 102 KB, and the link to leave stands at the end."""
_WIDTH = 76
_SUBJECT, _PREHEADER = 150, 140
_LONG = 15  # more papers than this get a table of contents


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail on its way: who it is returned to, who gets it, and its bytes."""

    sender: str
    recipient: str
    message_id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs mail by DKIM (RFC 6376) for `domain`; `key` is an RSA key in PEM."""

    domain: str
    selector: str
    key: bytes = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """The mail with its signature, which breaks when a header that we write, or one of some others, is added."""
        import dkim  # noqa: PLC0415 -- loads a client of DNS, and few mails are signed here

        written = [name.lower().decode() for name in _names(content)]
        names = [*written, *dict.fromkeys((*written, *_NEVER_ADDED))]
        signature = dkim.sign(
            content,
            self.selector.encode(),
            self.domain.encode(),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in names],
        )
        return bytes(signature) + content


def private_key(text: str) -> str:
    """An RSA key in PEM as it is; raises ValueError for anything else, and never shows it."""
    from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # noqa: PLC0415 -- see `Signer.sign`

    try:
        parse_pem_private_key(text.encode())
    except (UnparsableKeyError, UnicodeError, ValueError):
        raise ValueError("must be an RSA private key in PEM, such as `openssl genrsa 2048` makes") from None
    return text


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of one sender have in common.

    `address` is who they are from. With `tagged` each goes back to an address of its own: `returns` with `+NAME.KEY`
    before the @, where NAME is the place and KEY the delivery. `one_click` says that the page to leave takes a POST
    over https; `takes_mail` that mail to `returns` reaches us, so that a mail can be a way to leave, too.
    """

    address: str
    returns: str
    tagged: bool
    one_click: bool
    takes_mail: bool
    signer: Signer | None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def mail(self, to: str, message: Message, at: datetime) -> Mail:
        """The mail for a message; sent again it has the same Message-ID. Raises Rejected if it would be unsafe."""
        made = parts(message)
        key = message.key if _KEY.fullmatch(message.key) else _digest(to, made.text)
        sender = self._return_path(message.leave, key) if message.leave else self.returns
        message_id = f"<{key}@{self.domain}>"
        headers = {
            "From": formataddr(("Paperwire", self.address)),
            "To": to,
            "Subject": _subject(made.subject),
            "Date": format_datetime(at),
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            **(self._list_headers(message.leave, sender) if message.leave else {}),
        }
        body = EmailMessage(policy=SMTP)
        body.set_content(made.text, cte="quoted-printable")
        body.add_alternative(made.html, subtype="html", cte="quoted-printable")
        body.set_boundary(f"=_{_digest(key, 'boundary')}")
        content = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii") + body.as_bytes()
        if _names(content) != [name.encode() for name in (*headers, "MIME-Version", "Content-Type")]:
            raise Rejected("the mail's headers would not be those that were meant")
        return Mail(sender, to, message_id, self.signer.sign(content) if self.signer else content)

    def _return_path(self, leave: Button, key: str) -> str:
        """An address of this mail's own, if the 64 characters before the @ have room for it."""
        local, _, domain = self.returns.rpartition("@")
        tags = (f"+{_place(leave)}.{key[:12]}", f"+{_place(leave)}") if self.tagged else ()
        tag = next((tag for tag in tags if len(local + tag) <= _LONGEST_LOCAL), "")
        return f"{local}{tag}@{domain}"

    def _list_headers(self, leave: Button, sender: str) -> dict[str, str]:
        ways = [f"<{leave.url}>"]
        if self.takes_mail and _place(leave) in sender:  # a mail without the place's name doesn't say who leaves
            ways.append(f"<mailto:{quote(sender, safe='@+')}?subject=unsubscribe>")
        one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if self.one_click else {}
        return {
            "List-Id": f"Paperwire <paperwire.{self.domain}>",
            "Precedence": "bulk",
            "List-Unsubscribe": ",\r\n ".join(ways),
            **one_click,
        }


def _place(leave: Button) -> str:
    return leave.url.rpartition("/")[2]


def _subject(text: str) -> str:
    """A subject as it may stand in a header: one line, in encoded words if it is not plain ASCII.

    What looks like an encoded word is split, as some programs decode it and break the header at what is in it.
    """
    line = single_line(text).replace("=?", "= ?")
    return Header(line, "us-ascii" if line.isascii() else "utf-8", maxlinelen=76, header_name="Subject").encode(
        linesep="\r\n"
    )


def _names(content: bytes) -> list[bytes]:
    """The names of the headers that a reader of these bytes will see."""
    return _NAME.findall(content.partition(b"\r\n\r\n")[0])


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:32]


class MailParts(NamedTuple):
    """The subject and both parts of a mail."""

    subject: str
    text: str
    html: str


def parts(message: Message) -> MailParts:
    """The parts of a message, with as much of it as fits; no paper and no link is ever left out."""
    return fit(message, _rendered, lambda made: len(made.html.encode()), SIZE)


def _rendered(message: Message) -> MailParts:
    lines = _lines(message.head)
    titles = [item.title for item in message.items]
    texts = texts_in(message.locale)
    first = next(filter(None, [message.subject, *lines, *titles]), "")
    subject = _encodable(clean(first, _SUBJECT)) or "Paperwire"
    if not lines and len(message.items) == 1:
        (paper,) = message.items
        preview = paper.abstract or " ".join(_lines(paper.lines))
    elif message.subject:  # which has the first title
        preview = texts.clauses(*lines[:1], *titles[1:])
    else:
        preview = texts.clauses(*titles) or " ".join(lines[1:])
    # Buttons that open a page: one that needs an answer is of no use in a mail.
    links = [button for row in message.buttons for button in row if button.url]
    acts = {
        # Translators: links under a paper in a mail: save it, mute something, why it came.
        "save": texts.gettext("Save"),
        # Translators: a link under a paper, in a mail: opens a page that mutes its authors or categories.
        "mute": texts.gettext("Mute…"),
        # Translators: a link under a paper, in a mail: opens a page that says what matched.
        "why": texts.gettext("Why?"),
    }
    html = _template().render(
        message=message,
        locale=texts,
        acts=acts,
        subject=subject,
        preheader=cut(clean(preview, 2 * _PREHEADER), _PREHEADER),
        contents=len(message.items) > _LONG,
        links=links,
    )
    text = _text(message, links, texts)
    return MailParts(subject, _encodable(text), _inliner().inline(_encodable(html)))


def _encodable(text: str) -> str:
    """The text without lone surrogates, which UTF-8 has not."""
    return text.encode("utf-8", "replace").decode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("paperwire.channels.email", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("mail.html")


@cache
def _inliner() -> css_inline.CSSInliner:
    """Keeps the rules for dark mode, which can't stand at an element, and fetches nothing."""
    import css_inline  # noqa: PLC0415 -- takes 3 MB, and not every process sends mail

    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _text(message: Message, links: Sequence[Button], texts: Texts) -> str:
    """The plain text, with one address under each paper by which its reader acts."""
    numbered = len(message.items) > 1
    blocks = ["\n".join(_lines(message.head))]
    blocks += [_paper(item, f"{number}. " if numbered else "", texts) for number, item in enumerate(message.items, 1)]
    blocks.append("\n".join(texts.row(button.label, button.url) for button in links))
    blocks.append("\n".join(_lines(message.foot)))
    if message.leave is not None:
        blocks.append("-- \n" + texts.row(message.leave.label, message.leave.url))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _paper(item: Item, number: str, texts: Texts) -> str:
    section = [item.section, "=" * min(len(item.section), _WIDTH), ""] if item.section else []
    lines = [*section, _filled(number + item.title), item.url, *_lines(item.lines)]
    if item.abstract:
        lines += ["", _filled(item.abstract)]
    if item.acts:
        lines += ["", texts.row(texts.gettext("Save, mute, why"), item.acts)]
    return "\n".join(lines)


def _filled(text: str) -> str:
    """The text in lines, broken at spaces alone: an address stays whole, however long it is."""
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _lines(rich: Rich) -> list[str]:
    """The lines as text; of a link in one also the address, between the marks that no address contains."""
    return ["".join(_shown(span) for span in line) for line in rich]


def _shown(span: Span) -> str:
    if not span.url:
        return span.text
    if span.url.startswith(span.text.removesuffix(ELLIPSIS)):
        return span.url
    return f"{span.text} <{span.url}>"
