"""Libraries that are read daily into people's saved papers: whose they are, their keys, and how far they were read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlmodel import col

from paperwire.ports.libraries import StoredLibrary
from paperwire.store.database.part import Part, chunks, small, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.people import LibraryRow, LookupRow, PersonRow

LONGEST_READING = timedelta(hours=1)
"""How long a claim on a library lasts, and one on papers to ask for."""
LONGEST_WANTED = timedelta(days=7)


class Libraries(Part):
    """Everything about libraries, inside one transaction."""

    async def put(self, person: int, name: str, sealed: str) -> StoredLibrary:
        """Keep a library with its key, claimed for a first reading of all of it; an older key of it is replaced."""
        values = {
            "sealed": sealed,
            "version": 0,
            "failures": 0,
            "added_at": self._now,
            "next_at": self._now + LONGEST_READING,
        }
        new = insert_new(self._db, LibraryRow).values(person=person, name=name, **values)
        statement = new.on_conflict_do_update(index_elements=["person", "name"], set_=values)
        return value_of(StoredLibrary, (await self._db.execute(statement.returning(LibraryRow))).one())

    async def drop(self, person: int) -> int:
        """Delete a person's libraries with their keys; how many there were."""
        gone = delete(LibraryRow).where(col(LibraryRow.person) == person).returning(col(LibraryRow.name))
        return len((await self._db.execute(gone)).all())

    async def drop_one(self, library: StoredLibrary) -> None:
        await self._db.execute(delete(LibraryRow).where(_is(library)))

    async def claim(self) -> StoredLibrary | None:
        """The library that is due longest, left to the caller for an hour; None if none is due."""
        due = (
            select(col(LibraryRow.person), col(LibraryRow.name))
            .where(col(LibraryRow.next_at) <= self._now)
            .order_by(col(LibraryRow.next_at))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await self._db.execute(due)).first()
        if row is None:
            return None
        this = (col(LibraryRow.person) == row.person, col(LibraryRow.name) == row.name)
        claimed = update(LibraryRow).where(*this).values(next_at=self._now + LONGEST_READING)
        return value_of(StoredLibrary, (await self._db.execute(claimed.returning(LibraryRow))).one())

    async def was_read(self, library: StoredLibrary, version: int, next_at: datetime) -> None:
        """Note how far a library was read, unless its key was replaced or deleted meanwhile."""
        values = {"version": version, "failures": 0, "read_at": self._now, "next_at": next_at}
        await self._db.execute(update(LibraryRow).where(_is(library)).values(values))

    async def failed(self, library: StoredLibrary, next_at: datetime) -> None:
        """Note that a library couldn't be read."""
        values = {"failures": small(library.failures + 1), "next_at": next_at}
        await self._db.execute(update(LibraryRow).where(_is(library)).values(values))

    async def refused(self, library: StoredLibrary) -> StoredLibrary | None:
        """Delete a key that isn't valid any more; None if it was replaced or deleted meanwhile."""
        gone = update(LibraryRow).where(_is(library)).values(sealed="", next_at=self._now).returning(LibraryRow)
        row = (await self._db.execute(gone)).first()
        return None if row is None else value_of(StoredLibrary, row)

    # --- what sources are still to be asked for ----------------------------------------------------------------

    async def want(self, person: int, ids: Collection[str]) -> None:
        """Keep the ids of papers that sources are asked for now, until `asked`; nothing for a person who is gone."""
        row = select(col(PersonRow.number)).where(col(PersonRow.number) == person)
        if not ids or (await self._db.scalar(row.with_for_update(read=True, key_share=True))) is None:
            return
        about = {"person": person, "added_at": self._now, "next_at": self._now + LONGEST_READING}
        new = insert_new(self._db, LookupRow)
        statement = new.on_conflict_do_update(
            index_elements=["person", "paper"], set_={"next_at": new.excluded.next_at, "added_at": self._now}
        )
        await self._db.execute(statement, [about | {"paper": paper} for paper in sorted(ids)])

    async def claim_lookups(self, limit: int) -> tuple[int, list[str]] | None:
        """A person for whom sources were to be asked by now, with ids of papers, left to the caller for an hour.

        None if there is none but what others are claiming. What sources could not be asked for in a week is forgotten.
        """
        await self._db.execute(delete(LookupRow).where(col(LookupRow.added_at) < self._now - LONGEST_WANTED))
        due = col(LookupRow.next_at) <= self._now
        first = select(col(LookupRow.person)).where(due).order_by(col(LookupRow.next_at)).limit(1)
        person = await self._db.scalar(first.with_for_update(skip_locked=True))
        if person is None:
            return None
        statement = select(col(LookupRow.paper)).where(due, col(LookupRow.person) == person)
        rows = statement.order_by(col(LookupRow.paper)).limit(limit).with_for_update(skip_locked=True)
        ids = list((await self._db.scalars(rows)).all())
        claimed = update(LookupRow).where(col(LookupRow.person) == person, col(LookupRow.paper).in_(ids))
        await self._db.execute(claimed.values(next_at=self._now + LONGEST_READING))
        return person, ids

    async def settle_lookups(self, person: int, ids: Collection[str]) -> None:
        """Note that sources were asked for these papers."""
        for chunk in chunks(ids):
            these = col(LookupRow.person) == person, col(LookupRow.paper).in_(chunk)
            await self._db.execute(delete(LookupRow).where(*these))


def _is(library: StoredLibrary) -> ColumnElement[bool]:
    return (
        (col(LibraryRow.person) == library.person)
        & (col(LibraryRow.name) == library.name)
        & (col(LibraryRow.sealed) == library.sealed)
    )
