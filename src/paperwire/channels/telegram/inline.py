"""Answers to what people type after the bot's name in any chat: papers to post there, or why there are none."""

from __future__ import annotations

from typing import Any

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from paperwire.channels._conversation import plain_text
from paperwire.channels.telegram import markup
from paperwire.core.text.clean import cut
from paperwire.ports.requests import PaperChoice, Reply

CACHED = 60
"""Seconds for which Telegram may repeat a list of papers; a refusal is asked for again."""

_BUTTON = 64  # the most characters of a refusal that the line above the empty list shows
_TITLE, _ABOUT = 256, 256
_START = "help"  # where the refusal leads that has nothing of its own to show in the private chat


def inline_answer(reply: Reply) -> dict[str, Any]:
    """The arguments of `answerInlineQuery`: with papers a list of them, without any a button to the private chat."""
    paper_choices = reply.paper_choices
    if paper_choices is not None and paper_choices.papers:
        papers = [_article(offer) for offer in paper_choices.papers]
        about = {"is_personal": paper_choices.is_personal, "next_offset": paper_choices.following}
        return {"results": papers, "cache_time": CACHED, **about}
    why = plain_text(reply.message).partition("\n")[0].rstrip(": ")
    button = InlineQueryResultsButton(
        cut(why, _BUTTON), start_parameter=(paper_choices and paper_choices.start) or _START
    )
    return {"results": [], "cache_time": 0, "is_personal": True, "button": button if why else None}


def _article(offer: PaperChoice) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        markup.fitted(offer.message), ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(
        offer.key,
        cut(offer.title, _TITLE),
        content,
        reply_markup=markup.keyboard(offer.message),
        description=cut(offer.about, _ABOUT),
    )
