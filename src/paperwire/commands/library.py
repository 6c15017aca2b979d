"""`/saved import`: a library or a list of papers joins one's saved papers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import is_shared, say
from paperwire.core.messages.message import Attachment, Button
from paperwire.core.papers.library import MOST_ENTRIES, read_library
from paperwire.core.query.language import parse
from paperwire.errors import CommandError, QueryError
from paperwire.pipeline.libraries import Addition, add_missing, add_stored, want
from paperwire.ports.requests import Argument, Question, Update
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from paperwire.commands.context import Context
    from paperwire.core.papers.library import Library
    from paperwire.ports.requests import Reply, Request
    from paperwire.texts import Texts

IMPORT = "import"
_LISTED = 10
"""References that weren't found and are named in the answer; more come as a file."""
_WORD = re.compile(r"(?<!\S)import(?!\S)", re.IGNORECASE)
_LIKE_SAVED = "like:saved"
_FEWEST = 3
"""Saved papers from which more like them can be found."""


FILE = Argument("file", gettext_noop("a library: .bib, RIS or CSL-JSON"), required=False, kind="file")
"""The option of commands that take the papers of a file."""


def is_import(request: Request) -> bool:
    """Whether `/saved` is asked to import, now or by a question that is answered now."""
    return IMPORT in request.options or _WORD.search(request.args) is not None


def imported(request: Request) -> str:
    """What is to be imported: what stands behind the word, or the answer to a question, behind what was asked for."""
    if wanted := request.options.get(IMPORT, ""):
        return f"{wanted.removeprefix(IMPORT)} {request.args}".strip()
    before, *behind = _WORD.split(request.args, maxsplit=1)
    return " ".join([*behind, before]).strip()


async def import_papers(context: Context, request: Request, text: str) -> Reply:
    """Add the papers of an attached library and of a pasted list; those not stored are looked up in the background."""
    texts = texts_in(request.locale)
    whole = "\n".join(part for part in (request.attached, text) if part.strip())
    if not whole:
        return _ask(request, texts)
    library = await asyncio.to_thread(read_library, whole)
    if not library.references:
        raise CommandError(
            texts.gettext("No paper is named here. Send a .bib, RIS or CSL-JSON file, or a list of ids, DOIs or links.")
        )
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
    done = await add_stored(context.store, person.number, library.references)
    wanted = await want(context.store, person.number, done.missing)
    if not wanted:
        return _answer(done, library, texts)
    steps = add_missing(context.store, person.number, done.missing, context.lookup_many)
    progress = texts.ngettext("Looking up %(num)s more paper …", "Looking up %(num)s more papers …", wanted)
    first = say(*counts(done, texts), progress, private=True)
    return replace(first, update=_Following(done, library, steps, texts).next)


class _Following:
    """What an answer becomes while papers are looked up: after each request how far it is, at the end the whole."""

    def __init__(self, before: Addition, library: Library, steps: AsyncIterator[Addition], texts: Texts) -> None:
        self._before, self._library, self._steps, self._texts = before, library, steps, texts
        self._known = before

    async def next(self) -> Update:
        """Wait for the next step."""
        async for found in self._steps:
            self._known = self._before.with_found(found)
            progress = self._texts.gettext("Still looking up papers …")
            reply = say(*counts(self._known, self._texts), progress, private=True)
            return Update(replace(reply, update=self.next), None)
        reply = _answer(self._known, self._library, self._texts)
        return Update(reply, reply.message)


def _ask(request: Request, texts: Texts) -> Reply:
    """What can be sent; in private the next message is it."""
    lines = [
        texts.gettext(
            "Send a .bib, RIS or CSL-JSON file with /saved import as its caption, or type /saved import and a list of "
            "ids, DOIs or links."
        ),
    ]
    if is_shared(request.place):
        return say(*lines, private=True)
    lines.append(texts.gettext("You can also send a list or file as your next message. To stop, send: cancel"))
    question = Question("saved", texts.gettext("Which papers?"), "2510.00001 10.1000/xyz123", {IMPORT: IMPORT})
    return replace(say(*lines, private=True), question=question)


def counts(done: Addition, texts: Texts) -> list[str]:
    """How many papers were added, and how many were there."""
    there = texts.ngettext("%(num)s was there already.", "%(num)s were there already.", done.there)
    return [
        texts.ngettext(
            "%(num)s paper added to your saved papers.", "%(num)s papers added to your saved papers.", done.added
        ),
        there if done.there else "",
    ]


def _answer(done: Addition, library: Library, texts: Texts) -> Reply:
    """What was added, what was there, and what wasn't found: a few in the message, more in a file."""
    labels = [*(one.label for one in done.missing), *library.unread]
    lines = counts(done, texts)
    if labels:
        lines.append(texts.ngettext("%(num)s wasn't found:", "%(num)s weren't found:", len(labels)))
        lines += [f"• {label}" for label in labels[:_LISTED]]
    if len(labels) > _LISTED:
        lines.append(texts.gettext("The attached file lists all of them."))
    if library.left_out:
        limit = texts.number(MOST_ENTRIES)
        lines.append(texts.gettext("Only the first %(limit)s entries were read. Send the rest again.", limit=limit))
    content = "".join(f"{label}\n" for label in labels).encode()
    return say(
        *lines,
        files=[Attachment("not-found.txt", "text/plain", content)] if len(labels) > _LISTED else [],
        buttons=[like_saved(texts)] if done.added + done.there >= _FEWEST else [],
        private=True,
    )


def like_saved(texts: Texts) -> list[Button]:
    """The offer to subscribe to papers like the saved ones; none where the language has no such term."""
    try:
        parse(_LIKE_SAVED)
    except QueryError:
        return []
    return [Button(texts.gettext("Subscribe to papers like these"), f"add:{_LIKE_SAVED}")]
