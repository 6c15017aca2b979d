"""`/saved import`: a library or a list of papers joins one's saved papers, a Zotero library daily from now on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from paperwire.commands.context import Chat, explained, say
from paperwire.core.messages.message import Attachment, Button, with_link
from paperwire.core.papers.library import MOST_ENTRIES, Library, read_library
from paperwire.errors import CommandError, LibraryError, LibraryRefused
from paperwire.pipeline.libraries import Addition, LibraryReader
from paperwire.ports.libraries import StoredLibrary
from paperwire.ports.requests import Question, Reply, Request, Update
from paperwire.services.papers.libraries import connect, disconnect, import_papers
from paperwire.texts import Texts

IMPORT = "import"
_LISTED = 10  # references that weren't found and are named in the answer; more come as a file
_WORD = re.compile(r"(?<!\S)import(?!\S)", re.IGNORECASE)
_FEWEST_PAPERS = 3  # saved papers from which more like them can be found
_KEYS_PAGE = "https://www.zotero.org/settings/keys/new"
_KEY = re.compile(r"[A-Za-z0-9]{24}")


def is_import(request: Request) -> bool:
    """Whether `/saved` is asked to import, now or by a question that is answered now."""
    return IMPORT in request.options or _WORD.search(request.args) is not None


def _imported(request: Request) -> str:
    """What is to be imported: the text after the word, or after what was asked for the answer to a question."""
    if import_words := request.options.get(IMPORT, ""):
        return f"{import_words.removeprefix(IMPORT)} {request.args}".strip()
    before, *after = _WORD.split(request.args, maxsplit=1)
    return " ".join([*after, before]).strip()


async def import_any(context: Chat, request: Request) -> Reply:
    """What `/saved import` asks for: papers of a list or file, a Zotero library, or that none is read any more."""
    words = _imported(request)
    match words.casefold().split()[:1]:
        case ["zotero"]:
            return await _import_zotero(context, request, words.split()[1:])
        case ["off"]:
            return await _stop(context, request)
        case _:
            return await _import_papers(context, request, words)


async def _import_papers(context: Chat, request: Request, text: str) -> Reply:
    """Add the papers of an attached library and of a pasted list; those not stored are looked up in the background."""
    texts = request.texts
    whole = "\n".join(part for part in (request.attached, text) if part.strip())
    if not whole:
        return _ask(request, texts)
    library = await asyncio.to_thread(read_library, whole)
    if not library.references:
        raise CommandError(
            texts.gettext(
                "No papers are mentioned here. Send a .bib, RIS or CSL-JSON file, or a list of ids, DOIs or links."
            )
        )
    imported = await import_papers(context, request, library.references)
    done = imported.done
    if not imported.looked_up:
        return _answer(done, library, texts)
    progress = texts.ngettext("Looking up %(num)s more paper …", "Looking up %(num)s more papers …", imported.looked_up)

    async def update() -> Update:
        """After each request how far it is, at the end the whole."""
        nonlocal done
        async for done in imported.steps:
            reply = say(*_counts(done, texts), texts.gettext("Still looking up papers …"), private=True)
            return Update(replace(reply, update=update), None)
        reply = _answer(done, library, texts)
        return Update(reply, reply.message)

    return replace(say(*_counts(done, texts), progress, private=True), update=update)


def _ask(request: Request, texts: Texts) -> Reply:
    """What can be sent; in private the next message is it."""
    lines = [
        texts.gettext(
            "Send a .bib, RIS or CSL-JSON file with /saved import as its caption, or type /saved import and a list of "
            "ids, DOIs or links."
        ),
    ]
    if request.place.is_shared:
        return say(*lines, private=True)
    lines.append(texts.gettext("You can also send a list or file as your next message. To stop, send: cancel"))
    question = Question(
        "saved",
        # Translators: a question that is answered with links or ids of papers.
        texts.gettext("Which papers?"),
        "2510.00001 10.1000/xyz123",
        {IMPORT: IMPORT},
        explanation=explained(texts.gettext("Ids, DOIs or links, with spaces between them.")),
    )
    return replace(say(*lines, private=True), question=question)


def _counts(done: Addition, texts: Texts) -> list[str]:
    """How many papers were added, and how many were there."""
    there = texts.ngettext("%(num)s was already there.", "%(num)s were already there.", done.there)
    return [
        texts.ngettext(
            "%(num)s paper added to your saved papers.", "%(num)s papers added to your saved papers.", done.added
        ),
        there if done.there else "",
    ]


def _answer(done: Addition, library: Library, texts: Texts) -> Reply:
    """What was added, what was there, and what wasn't found: a few in the message, more in a file."""
    labels = [*(reference.label for reference in done.missing), *library.unread]
    lines = _counts(done, texts)
    if labels:
        # Translators: how many papers of a list sent by a person are unknown; those are listed after the colon.
        lines.append(texts.ngettext("%(num)s wasn't found:", "%(num)s weren't found:", len(labels)))
        lines += [f"• {label}" for label in labels[:_LISTED]]
    if len(labels) > _LISTED:
        lines.append(texts.gettext("The attached file lists all of them."))
    if library.left_out:
        limit = texts.number(MOST_ENTRIES)
        lines.append(
            texts.gettext("Only the first %(limit)s entries were read. Send the rest separately.", limit=limit)
        )
    content = "".join(f"{label}\n" for label in labels).encode()
    return say(
        *lines,
        files=[Attachment("not-found.txt", "text/plain", content)] if len(labels) > _LISTED else [],
        buttons=[_like_saved(texts)] if done.added + done.there >= _FEWEST_PAPERS else [],
        private=True,
    )


def _like_saved(texts: Texts) -> list[Button]:
    """The offer to subscribe to papers like the saved ones."""
    return [Button(texts.gettext("Subscribe to papers like these"), "add:like:saved")]


# --- Zotero ------------------------------------------------------------------------------------------------------


async def _import_zotero(context: Chat, request: Request, words: Sequence[str]) -> Reply:
    """`/saved import zotero [GROUP] [KEY]`; without a key it is asked for, in private only."""
    texts = request.texts
    reader = context.libraries
    key, group = _read(reader, words, texts)
    if request.place.is_shared:
        refused = say(texts.gettext("A key is a secret: send /saved import zotero in a private chat."), private=True)
        return replace(refused, unseen=bool(key))
    if not key:
        return _ask_key(group, texts)
    try:
        library = await connect(context, request, reader, key, group)
    except LibraryRefused as error:
        return _unseen(texts.gettext("This key doesn't open the library: %(reason)s", reason=error))
    except LibraryError as error:
        return _unseen(texts.gettext("Can't reach Zotero: %(reason)s. Try again later.", reason=error))
    reply = _unseen(
        texts.gettext("Your Zotero library is being added to your saved papers, and will be read once a day."),
        texts.gettext("The key is kept encrypted. /saved import off deletes it."),
    )
    return replace(reply, update=partial(_first_reading, reader, library, texts))


def _read(reader: LibraryReader, words: Sequence[str], texts: Texts) -> tuple[str, str]:
    """The key and the name of a group's library that were typed, each empty if missing; raises CommandError."""
    key = group = ""
    for word in words:
        if _KEY.fullmatch(word):
            key = word
        elif group_id := reader.service.group(word):
            group = group_id
        else:
            raise CommandError(
                texts.gettext(
                    "That's neither a Zotero key (24 letters and digits) nor a group. Make a key at %(url)s",
                    url=_KEYS_PAGE,
                ),
                link=_KEYS_PAGE,
            )
    return key, group


def _ask_key(group: str, texts: Texts) -> Reply:
    how = texts.gettext(
        "Make a key at %(url)s with read access to your library, and send it as your next message.", url=_KEYS_PAGE
    )
    explanation = texts.gettext(
        "Make a key at %(url)s with read access to your library. It is kept encrypted and never shown.", url=_KEYS_PAGE
    )
    reply = say(
        with_link(how, _KEYS_PAGE),
        texts.gettext("It is kept encrypted and never shown. To stop, send: cancel"),
        private=True,
    )
    library_name = f"zotero {group}".strip()
    return replace(
        reply,
        question=Question(
            "saved",
            texts.gettext("Your Zotero key"),
            "P9NiFoyLeZu2bZNvvuQPDWsd",
            {IMPORT: library_name},
            explanation=(with_link(explanation, _KEYS_PAGE),),
        ),
    )


def _unseen(*lines: str) -> Reply:
    return replace(say(*lines, private=True), unseen=True)


async def _first_reading(reader: LibraryReader, library: StoredLibrary, texts: Texts) -> Update:
    try:
        done = await reader.read(library)
    except LibraryError as error:
        reply = say(
            texts.gettext("Reading it failed: %(reason)s. I'll try again within a day.", reason=error), private=True
        )
        return Update(reply, reply.message)
    # Translators: how many papers of a library aren't known.
    missing = texts.ngettext("%(num)s wasn't found.", "%(num)s weren't found.", len(done.missing))
    reply = say(
        texts.gettext("Your Zotero library is read once a day. To stop that: /saved import off"),
        *_counts(done, texts),
        missing if done.missing else "",
        buttons=[_like_saved(texts)],
        private=True,
    )
    return Update(reply, reply.message)


async def _stop(context: Chat, request: Request) -> Reply:
    """`/saved import off`: delete the keys; the saved papers stay."""
    texts = request.texts
    if not await disconnect(context, request):
        return say(texts.gettext("No library is connected."), private=True)
    return say(
        texts.gettext("Your library is no longer read, and its key is deleted. Your saved papers stay."), private=True
    )
