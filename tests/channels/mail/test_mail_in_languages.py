"""A digest by mail in each language that has a catalogue: no text of ours is left in English."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalogues import LANGUAGES
from english_left import english_left
from paperwire.channels.email.envelope import parts
from paperwire.core.messages.card import PaperNews, brief, card, card_buttons
from paperwire.core.messages.digests import already_sent, heading
from paperwire.core.messages.message import Message
from paperwire.texts import texts_in
from pseudo_locale import Page
from test_translatable import DATA, OCCASIONS, PAPER

UNTIL = datetime(2026, 1, 5, 8, tzinfo=UTC)


def mail_in(language):
    """A digest of a paper for each occasion, the first with its abstract, as a mail."""
    texts = texts_in(language)
    papers = [
        form(PAPER, texts, PaperNews(occasion=occasion, label=label, matched=["TermOne"], names=["NameOne"]))
        for form in (card, brief)
        for occasion, label in OCCASIONS
    ]
    message = Message(
        head=heading(len(papers), texts, since=UNTIL - timedelta(days=1), until=UNTIL),
        items=tuple(replace(paper, acts="https://papers.example.org/mailed/x") for paper in papers),
        foot=already_sent(2, texts),
        buttons=card_buttons(PAPER, texts),
        locale=texts.language,
    )
    return parts(message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_is_left_in_english(language):
    mail = mail_in(language)
    texts = [mail.subject, mail.text, str(Page(mail.html))]
    assert [english_left(text, language, *DATA, "UTC") for text in texts] == [[], [], []]
    assert f'lang="{texts_in(language).language}"' in mail.html


def test_english_left_in_a_mail_is_named():
    assert "authors" in english_left(mail_in("en").text, "de", *DATA)
