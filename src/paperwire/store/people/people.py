"""People: who they are on which channel, what they keep, and how they take it all with them or away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, exists, insert, select, update
from sqlmodel import SQLModel, col

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.feeds import HashOf
from paperwire.core.subscriptions.subscription import Owner, Person
from paperwire.ports.callers import Actor
from paperwire.store.database.locks import count_change, lock_queries
from paperwire.store.database.part import Part, chunks, paper_of, rows_among, value_of
from paperwire.store.database.statements import insert_new, move_rows, point_to
from paperwire.store.database.tables.lists import SubmissionRow, VoteRow
from paperwire.store.database.tables.meetings import TalkRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import (
    AccountRow,
    DestinationRow,
    LibraryRow,
    LookupRow,
    OptInRow,
    PersonRow,
    SavedRow,
    SessionRow,
    SignInRow,
    WatchRow,
)
from paperwire.store.database.tables.subscriptions import SubscriptionRow
from paperwire.store.owners import hand_over
from paperwire.store.people.chat_memory import ChatMemory
from paperwire.store.people.deletion import forget_person
from paperwire.store.people.export import export_person
from paperwire.store.people.parting import unlink_account
from paperwire.store.subscriptions.feeds import Feeds
from paperwire.store.subscriptions.meanings import hand_over_meanings, note_list_change

# What moves with a person, unless the other has such a row already: table, the rest of its key.
_MOVED_ROWS: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = (
    (SavedRow, ("paper",)),
    (VoteRow, ("list", "paper")),
    (LibraryRow, ("name",)),
    (LookupRow, ("paper",)),
)


class People(Part):
    """Persons, their accounts and what they keep, inside one transaction."""

    async def person_of(self, actor: Actor) -> Person | None:
        """Whose account this is, or None if no one's yet."""
        statement = select(col(AccountRow.person)).where(_is(actor))
        return await self._person(col(PersonRow.number).in_(statement))

    async def accounts(self, person: int) -> list[Actor]:
        """A person's accounts, in the order of their channels."""
        statement = select(AccountRow).where(col(AccountRow.person) == person)
        order = (col(AccountRow.channel), col(AccountRow.user_id))
        rows = await self._db.execute(statement.order_by(*order))
        return [value_of(Actor, row) for row in rows]

    async def get(self, number: int) -> Person | None:
        return await self._person(col(PersonRow.number) == number)

    async def lock(self, number: int) -> Person | None:
        """A person who stays until commit, even if forgotten or linked meanwhile, or None if they are gone."""
        await lock_queries(self._db)  # before the person, as those do
        this = col(PersonRow.number) == number
        await self._db.execute(select(this).where(this).with_for_update(read=True, key_share=True))
        return await self._person(this)

    async def ensure(self, actor: Actor, locale: str, *, zone: str = "UTC") -> Person:
        """Whose account this is; a new person with this locale and zone if it is no one's yet.

        Another locale than before is kept, unless it is empty.
        """
        before = await self.person_of(actor)
        if before is not None and locale in {"", before.locale}:
            return before
        if before is not None:
            await self._db.execute(_of(before.number).values(locale=locale))
            return replace(before, locale=locale)
        person = {"name": actor.name, "locale": locale, "zone": zone, "created_at": self._now}
        made = await self._db.execute(insert(PersonRow).values(person).returning(col(PersonRow.number)))
        number = made.scalar_one()
        account = insert_new(self._db, AccountRow).values(channel=actor.channel, user_id=actor.user_id, person=number)
        statement = account.on_conflict_do_nothing().returning(col(AccountRow.person))
        if (await self._db.execute(statement)).first() is None:  # another process was quicker
            await self._db.execute(delete(PersonRow).where(col(PersonRow.number) == number))
        person_now = await self.person_of(actor)
        assert person_now is not None  # noqa: S101 -- the account is there, by this or another process
        return person_now

    async def link(self, actor: Actor, person: int) -> None:
        """Make an account one more of this person's; its former person becomes one with them.

        All they have moves over, and both feeds of everything show all of it from then on.
        """
        await lock_queries(self._db)
        # One that adds something of theirs commits first: all of it moves over, and nothing is deleted with them.
        condition = col(PersonRow.number).in_(select(col(AccountRow.person)).where(_is(actor)))
        both = select(col(PersonRow.number)).where(condition | (col(PersonRow.number) == person))
        await self._db.execute(both.order_by(col(PersonRow.number)).with_for_update())
        before = await self.person_of(actor)
        if before is None:
            account = {"channel": actor.channel, "user_id": actor.user_id, "person": person}
            await self._db.execute(insert(AccountRow).values(account))
            return
        if before.number == person:
            return
        await self._give_all(before.number, person)
        chose_none = _of(person).where(col(PersonRow.language) == "")
        await self._db.execute(chose_none.values(language=before.language))
        await self._db.execute(delete(PersonRow).where(col(PersonRow.number) == before.number))
        await count_change(self._db)

    async def unlink(self, person: int, actor: Actor, hash_of: HashOf, private_address: str = "") -> int | None:
        """Make an account no longer this person's; None if it isn't theirs, or the only one they have.

        Its private chat or mailbox goes with it, and what goes there, see `parting.py`; the rest stays with them. Their
        feeds, whose addresses that account could see, have new ones; how many old ones lead nowhere now is returned.
        """
        if await unlink_account(self._db, self._now, person, actor, private_address) is None:
            return None
        renewed = await Feeds(self._db, self._now).renew(person, hash_of)
        await count_change(self._db)
        return renewed

    async def _give_all(self, gone: int, kept: int) -> None:
        await hand_over(self._db, Owner(person=gone), Owner(person=kept))
        columns = [
            (table, "person") for table in (AccountRow, WatchRow, SubmissionRow, SignInRow, SessionRow, OptInRow)
        ]
        named = ((SubscriptionRow, "added_by"), (TalkRow, "presenter"), (DestinationRow, "owner"))
        await point_to(self._db, (*columns, *named), gone=gone, kept=kept)
        for table, key in _MOVED_ROWS:
            await move_rows(self._db, table, "person", key, gone=gone, kept=kept)
        await hand_over_meanings(self._db, gone=gone, kept=kept)

    async def set_zone(self, person: int, zone: str) -> None:
        """Keep a person's time zone."""
        await self._db.execute(_of(person).values(zone=zone))

    async def set_language(self, person: int, language: str) -> None:
        """Keep the language that a person chose, empty for that of their platform."""
        await self._db.execute(_of(person).values(language=language))

    # --- what they keep ----------------------------------------------------------------------------------------

    async def save_paper(self, person: int, paper: int) -> bool:
        """Keep a paper; False if it was kept before."""
        return await self.save_papers(person, [paper]) > 0

    async def save_papers(self, person: int, papers: Sequence[int]) -> int:
        """Keep papers; how many of them were not kept before."""
        added = 0
        for piece in chunks(dict.fromkeys(papers)):
            rows = [{"person": person, "paper": paper, "saved_at": self._now} for paper in piece]
            new = insert_new(self._db, SavedRow).values(rows).on_conflict_do_nothing()
            added += len((await self._db.execute(new.returning(col(SavedRow.paper)))).all())
        await note_list_change(self._db, person)
        return added

    async def unsave_paper(self, person: int, paper: int) -> bool:
        """Keep a paper no longer; False if it wasn't kept."""
        this = (col(SavedRow.person) == person, col(SavedRow.paper) == paper)
        gone = await self._db.execute(delete(SavedRow).where(*this).returning(col(SavedRow.paper)))
        await note_list_change(self._db, person)
        return gone.first() is not None

    async def is_saved(self, person: int, paper: int) -> bool:
        this = (col(SavedRow.person) == person, col(SavedRow.paper) == paper)
        return bool(await self._db.scalar(select(exists().where(*this))))

    async def saved_among(self, person: int, papers: Sequence[int]) -> set[int]:
        """Those of these papers that a person keeps."""
        statement = select(col(SavedRow.paper)).where(col(SavedRow.person) == person)
        return {row.paper for row in await rows_among(self._db, statement, col(SavedRow.paper), papers)}

    async def saved(self, person: int) -> list[Paper]:
        """The papers a person keeps, the last saved first."""
        statement = select(PaperRow).join(SavedRow, col(SavedRow.paper) == col(PaperRow.number))
        order = (col(SavedRow.saved_at).desc(), col(SavedRow.paper).desc())
        rows = await self._db.execute(statement.where(col(SavedRow.person) == person).order_by(*order))
        return [paper_of(row) for row in rows]

    async def watch(self, destination: int, paper: int, person: int) -> bool:
        """Notify a place of a paper's versions, withdrawal, DOI and code from now on; False if it already is."""
        new = insert_new(self._db, WatchRow).values(
            destination=destination, paper=paper, person=person, since=self._now
        )
        made = new.on_conflict_do_nothing().returning(col(WatchRow.paper))
        return (await self._db.execute(made)).first() is not None

    async def unwatch(self, destination: int, paper: int) -> bool:
        """Follow a paper at a place no longer; False if it isn't followed there."""
        this = (col(WatchRow.destination) == destination, col(WatchRow.paper) == paper)
        gone = await self._db.execute(delete(WatchRow).where(*this).returning(col(WatchRow.paper)))
        return gone.first() is not None

    async def watched(self, destination: int) -> list[Paper]:
        """The papers that a place follows, the last first."""
        statement = select(PaperRow).join(WatchRow, col(WatchRow.paper) == col(PaperRow.number))
        order = (col(WatchRow.since).desc(), col(WatchRow.paper).desc())
        rows = await self._db.execute(statement.where(col(WatchRow.destination) == destination).order_by(*order))
        return [paper_of(row) for row in rows]

    async def watched_papers(self) -> list[Paper]:
        """The papers that any place follows."""
        statement = select(PaperRow).where(col(PaperRow.number).in_(select(col(WatchRow.paper))))
        return [paper_of(row) for row in await self._db.execute(statement.order_by(col(PaperRow.number)))]

    # --- taking it all with them, or away ----------------------------------------------------------------------

    async def export(self, person: int) -> dict[str, Any]:
        """All that is stored about a person, as values that JSON takes; empty if they are gone."""
        return await export_person(self._db, person)

    async def forget(self, person: int) -> None:
        """Delete a person and all that is theirs alone, queries and deliveries included.

        What shared places own stays, without their name. A place that others use is owned by one of them. A message
        being sent meanwhile arrives, and what its sender then settles is not there any more.
        """
        await ChatMemory(self._db, self._now).forget_person(person)
        await forget_person(self._db, person)
        await count_change(self._db)

    async def _person(self, which: ColumnElement[bool]) -> Person | None:
        row = (await self._db.execute(select(PersonRow).where(which))).first()
        return None if row is None else value_of(Person, row)


def _of(person: int) -> Update:
    return update(PersonRow).where(col(PersonRow.number) == person)


def _is(actor: Actor) -> ColumnElement[bool]:
    return (col(AccountRow.channel) == actor.channel) & (col(AccountRow.user_id) == actor.user_id)
