"""`/saved import zotero`: a Zotero library is read into one's saved papers, daily from now on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import is_shared, say
from paperwire.commands.library import IMPORT, counts, like_saved
from paperwire.errors import CommandError, LibraryError, LibraryRefused
from paperwire.ports.requests import Question, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.commands.context import Context
    from paperwire.pipeline.libraries import LibraryReader
    from paperwire.ports.requests import Reply, Request
    from paperwire.store.people.libraries import StoredLibrary
    from paperwire.texts import Texts

ZOTERO, OFF = "zotero", "off"
_KEYS_PAGE = "https://www.zotero.org/settings/keys/new"
_KEY = re.compile(r"[A-Za-z0-9]{24}")


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands behind `/saved import zotero`: a key, and the name of a group's library; each may be missing."""

    key: str
    group: str


async def import_zotero(context: Context, request: Request, words: Sequence[str]) -> Reply:
    """`/saved import zotero [GROUP] [KEY]`; without a key it is asked for, in private only."""
    texts = request.texts
    reader = context.libraries
    if reader is None:
        raise CommandError(texts.gettext("Libraries can't be read here."))
    typed = _read(reader, words, texts)
    if is_shared(request.place):
        refused = say(texts.gettext("A key is a secret: send /saved import zotero in a private chat."), private=True)
        return replace(refused, unseen=bool(typed.key))
    if not typed.key:
        return _ask(typed.group, texts)
    try:
        name = await reader.service.owner(typed.key)
        if typed.group:  # read now, so that a key without a right to it is refused here
            name = typed.group
            await reader.service.check(name, typed.key)
    except LibraryRefused as error:
        return _unseen(texts.gettext("This key doesn't open the library: %(reason)s", reason=error))
    except LibraryError as error:
        return _unseen(texts.gettext("Zotero can't be asked now: %(reason)s. Try again later.", reason=error))
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        library = await unit.libraries.put(person.number, name, reader.seal.close(typed.key))
    reply = _unseen(
        texts.gettext("Your Zotero library is read into your saved papers now, and once a day from then on."),
        texts.gettext("The key is kept encrypted. /saved import off deletes it."),
    )
    return replace(reply, update=partial(_first_reading, reader, library, texts))


def _read(reader: LibraryReader, words: Sequence[str], texts: Texts) -> _Typed:
    key = group = ""
    for word in words:
        if _KEY.fullmatch(word):
            key = word
        elif found := reader.service.group(word):
            group = found
        else:
            raise CommandError(
                texts.gettext(
                    "That is no Zotero key (24 letters and digits) and no group. Make a key at %(url)s", url=_KEYS_PAGE
                )
            )
    return _Typed(key, group)


def _ask(group: str, texts: Texts) -> Reply:
    reply = say(
        texts.gettext(
            "Make a key at %(url)s with read access to your library, and send it as your next message.", url=_KEYS_PAGE
        ),
        texts.gettext("It is kept encrypted and never shown. To stop, send: cancel"),
        private=True,
    )
    wanted = " ".join(filter(None, [ZOTERO, group]))
    return replace(
        reply,
        question=Question("saved", texts.gettext("Your Zotero key"), "P9NiFoyLeZu2bZNvvuQPDWsd", {IMPORT: wanted}),
    )


def _unseen(*lines: str) -> Reply:
    return replace(say(*lines, private=True), unseen=True)


async def _first_reading(reader: LibraryReader, library: StoredLibrary, texts: Texts) -> Update:
    try:
        done = await reader.read(library)
    except LibraryError as error:
        reply = say(
            texts.gettext("Reading it failed: %(reason)s. It is tried again within a day.", reason=error), private=True
        )
        return Update(reply, reply.message)
    missing = texts.ngettext("%(num)s wasn't found.", "%(num)s weren't found.", len(done.missing))
    reply = say(
        texts.gettext("Your Zotero library was read, and will be once a day. /saved import off stops that."),
        *counts(done, texts),
        missing if done.missing else "",
        buttons=[like_saved(texts)],
        private=True,
    )
    return Update(reply, reply.message)


async def stop(context: Context, request: Request) -> Reply:
    """`/saved import off`: delete the keys; the saved papers stay."""
    texts = request.texts
    async with context.store.write() as unit:
        person = await unit.people.person_of(request.actor)
        count = await unit.libraries.drop(person.number) if person else 0
    if not count:
        return say(texts.gettext("No library is read for you."), private=True)
    return say(
        texts.gettext("Your library is no longer read, and its key is deleted. Your saved papers stay."), private=True
    )
