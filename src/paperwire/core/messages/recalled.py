"""That a paper was retracted or corrected, in messages and on pages."""

from __future__ import annotations

from paperwire.core.messages.message import Line, Span
from paperwire.core.papers.notices import EditorialNotice, chief_notice
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.texts import Texts, gettext_noop

_NAME_LIMIT = 80
# Translators: a notice about a paper: %(day)s is its date, %(source)s "publisher" or "Retraction Watch".
_DATED_NOTICES = {
    "retracted": gettext_noop("Retracted %(day)s (%(source)s)"),
    "corrected": gettext_noop("Corrected %(day)s (%(source)s)"),
}
# Translators: a notice about a paper without a date: %(source)s is "publisher" or "Retraction Watch".
_UNDATED_NOTICES = {
    "retracted": gettext_noop("Retracted (%(source)s)"),
    "corrected": gettext_noop("Corrected (%(source)s)"),
}
_NOTICE_SOURCES = {
    # Translators: who says that a paper was retracted: in brackets after "Retracted".
    "publisher": gettext_noop("publisher"),
    # Translators: the name of a database, in brackets after "Retracted"; usually stays as it is.
    "retraction-watch": gettext_noop("Retraction Watch"),
}


def notice_line(paper: Paper, texts: Texts) -> tuple[Line, ...]:
    """A line with a link to the notice; nothing for a paper that is as it was."""
    notice = chief_notice(paper.notices)
    return ((Span(notice_text(notice, texts), "bold", notice.url),),) if notice else ()


def notice_text(notice: EditorialNotice, texts: Texts) -> str:
    """What became of a paper, since when, and who says so: `Retracted 6 May 2026 (publisher)`."""
    named = _NOTICE_SOURCES.get(notice.source)
    source = texts.gettext(named) if named else clean(notice.source, _NAME_LIMIT)
    if notice.day is None:
        return texts.gettext(_UNDATED_NOTICES[notice.kind], source=source)
    return texts.gettext(_DATED_NOTICES[notice.kind], day=texts.dated(notice.day), source=source)
