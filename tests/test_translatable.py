"""Every text that people read can be translated: it is found by `pybabel extract`, and shows in a made-up language."""

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import Environment, nodes

from paperwire.channels.email.envelope import parts
from paperwire.core.messages.card import PaperNews, brief, card, card_buttons
from paperwire.core.messages.digests import already_sent, heading
from paperwire.core.messages.message import Message
from paperwire.core.papers.paper import ARRIVAL, CODE, PUBLISHED, WITHDRAWN, Occasion, Paper
from paperwire.core.papers.revision import Change
from paperwire.texts import texts_in
from pseudo_locale import LITERALS, ROOT, Page, extracted, install, messages, untranslated

SOURCE = ROOT / "src" / "paperwire"
HANDED_ON = {"texts.py", "web/html.py", "channels/discord/commands.py", "channels/telegram/listen.py"}
"""What a template or another module calls is handed on there."""
PAPER = Paper(
    id="2510.00001",
    number=7,
    title="Zzzz",
    authors=tuple(f"Qq {chr(97 + number)}" for number in range(9)),
    categories=("cs.CL",),
    announced=datetime(2026, 1, 5, tzinfo=UTC).date(),
    upvotes=57,
    summary="Xxxx",
    code_url="https://github.com/zz/zz",
)
DATA = ("Zzzz", "Qq", "cs.CL", "Xxxx", "TermOne", "TermTwo", "NameOne")


@pytest.fixture
def pseudo(tmp_path, monkeypatch):
    yield install(tmp_path, monkeypatch)
    texts_in.cache_clear()


def test_no_text_has_signs_of_markup():
    texts = [form for _context, message in messages() for form in ((message,) if isinstance(message, str) else message)]
    assert [text for text in texts if "`" in text or "**" in text or "<b>" in text] == []


def calls(tree):
    """The name and the arguments of each call that takes a message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in LITERALS:
                yield node.lineno, node.args[: LITERALS[name]]


def no_literals(file):
    """The messages of a file that are neither literals nor values of a table of it, which `gettext_noop` marks."""
    code = file.read_text("utf-8")
    if "gettext" not in code or "gettext_noop(" in code:
        return
    for line, arguments in calls(ast.parse(code)):
        for argument in arguments:
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                yield f"{file.relative_to(SOURCE)}:{line}: {ast.unparse(argument)}"


def test_each_message_is_a_literal():
    files = [file for file in SOURCE.rglob("*.py") if str(file.relative_to(SOURCE)) not in HANDED_ON]
    assert [found for file in files for found in no_literals(file)] == []
    assert sum("gettext" in file.read_text("utf-8") for file in files) > 20


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.html")), ids=lambda file: file.name)
def test_each_message_of_a_template_is_a_literal(file):
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(file.read_text("utf-8"))
    for call in tree.find_all(nodes.Call):
        name = getattr(call.node, "name", "")
        assert all(isinstance(argument, nodes.Const) for argument in call.args[: LITERALS.get(name, 0)]), call.lineno


@pytest.mark.whole
def test_what_the_made_up_language_translates_is_what_translators_are_given():
    """Babel finds no message in an f-string, nor in an argument of another message."""
    assert messages() == extracted()


def test_messages_of_code_and_templates_are_extracted():
    known = {"(no title)", ("%(num)s paper", "%(num)s papers"), "Skip to the papers", "cross-listed"}
    assert known <= {message for _context, message in messages()}


def shown(*items, rows=()):
    lines = ["".join(span.text for span in line) for item in items for line in item.lines]
    return "\n".join([*(item.title for item in items), *lines, *(button.label for row in rows for button in row)])


OCCASIONS = [
    *((ARRIVAL, label) for label in ("new", "cross", "listed", "late")),
    *((occasion, "") for occasion in (Occasion.version(2), Occasion.upvotes(50), WITHDRAWN, PUBLISHED, CODE)),
]


@pytest.mark.parametrize(("occasion", "label"), OCCASIONS)
@pytest.mark.parametrize("form", [card, brief])
def test_a_card_shows_no_text_of_ours_untranslated(pseudo, form, occasion, label):
    terms = [f"Term{name}" for name in ("One", "Two")] * 20 + ["TermOne" * place for place in range(2, 12)]
    item = form(PAPER, pseudo, PaperNews(occasion=occasion, label=label, matched=terms, names=["NameOne"]))
    assert untranslated(shown(item, rows=card_buttons(PAPER, pseudo)), *DATA) == []
    bare = [form(PAPER, pseudo, PaperNews(matched=["TermOne"])), form(PAPER, pseudo, PaperNews(names=["NameOne"]))]
    assert untranslated(shown(*bare), *DATA) == []


def test_a_change_shows_no_text_of_ours_untranslated(pseudo):
    changes = [
        Change(field="title", before="Zzzz"),
        Change(field="abstract", added=1, removed=2),
        Change(field="authors", come=("Qq",), gone=("Qq",)),
        Change(field="comment", after="Zzzz"),
    ]
    for changed in (changes, [Change(field="authors")], []):
        items = [
            form(PAPER, pseudo, PaperNews(occasion=Occasion.version(2), changed=changed)) for form in (card, brief)
        ]
        assert untranslated(shown(*items), *DATA) == []
    assert untranslated(shown(card(Paper(id="x", title=""), pseudo))) == []


def test_a_digest_shows_no_text_of_ours_untranslated(pseudo):
    until = datetime(2026, 1, 5, 8, tzinfo=UTC)
    for since in (until - timedelta(hours=1), until - timedelta(days=1)):
        message = Message(head=heading(2, pseudo, since=since, until=until), foot=already_sent(2, pseudo))
        assert (
            untranslated(
                "\n".join("".join(span.text for span in line) for line in (*message.head, *message.foot)), "UTC"
            )
            == []
        )


def test_a_mail_shows_no_text_of_ours_untranslated(pseudo):
    item = card(PAPER, pseudo, PaperNews(matched=["TermOne"], names=["NameOne"]))
    message = Message(
        head=heading(2, pseudo),
        items=(replace(item, acts="https://example.org/papers"), brief(PAPER, pseudo)),
        foot=already_sent(2, pseudo),
        buttons=card_buttons(PAPER, pseudo),
        locale=pseudo.language,
    )
    assert untranslated(str(Page(parts(message).html)), *DATA) == []
