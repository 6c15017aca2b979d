"""Vectors of papers: which are still to be made, and those there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlmodel import col

from paperwire.core.meaning.vectors import StoredVector
from paperwire.core.papers.paper import Paper
from paperwire.store.database.part import Part, paper_of, rows_among
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.papers import PaperRow, VectorRow

_OVERLAP = timedelta(minutes=2)  # rows that were made so long ago are committed: another transaction may take as long
_READ_AT_ONCE = 4_096

UNENCODED = text("paper.unencoded")
"""Papers without a vector of their present text; SQLite uses the partial index for this, and not for `= 1`."""


class Vectors(Part):
    """Everything about vectors, inside one transaction."""

    async def unencoded(self, limit: int) -> list[Paper]:
        """The newest papers that have no vector of their present text."""
        statement = select(PaperRow).where(UNENCODED)
        order = (col(PaperRow.announced).desc(), col(PaperRow.number).desc())
        return [paper_of(row) for row in await self._db.execute(statement.order_by(*order).limit(limit))]

    async def put(self, encoder: str, vectors: Mapping[int, bytes], papers: Sequence[Paper]) -> None:
        """Store the vectors of papers; one whose text is another by now stays unencoded."""
        new = insert_new(self._db, VectorRow)
        made = {"encoder": encoder, "at": self._now}
        rows = [made | {"paper": number, "packed": packed} for number, packed in vectors.items()]
        written = {"at": new.excluded.at, "packed": new.excluded.packed}
        await self._db.execute(new.on_conflict_do_update(index_elements=["encoder", "paper"], set_=written), rows)
        same_text = (col(PaperRow.title) == bindparam("_title"), col(PaperRow.abstract) == bindparam("_abstract"))
        encoded = update(PaperRow).where(col(PaperRow.number) == bindparam("_number"), *same_text)
        texts = [{"_number": paper.number, "_title": paper.title, "_abstract": paper.abstract} for paper in papers]
        await self._db.execute(encoded.values(unencoded=False), texts)

    async def start_over(self) -> None:
        """Let all papers be encoded again."""
        await self._db.execute(update(PaperRow).where(~col(PaperRow.unencoded)).values(unencoded=True))

    async def drop_all_but(self, encoder: str) -> None:
        await self._db.execute(delete(VectorRow).where(col(VectorRow.encoder) != encoder))

    async def made_since(self, encoder: str, since: datetime | None) -> AsyncIterator[list[StoredVector]]:
        """The vectors made since an instant, all of them without one; earliest first, a number at once.

        Begins some minutes earlier, for what was committed late: repeats some vectors and misses none.
        """
        columns = (col(VectorRow.paper), col(VectorRow.packed))
        statement = select(*columns).where(col(VectorRow.encoder) == encoder)
        if since is not None:
            statement = statement.where(col(VectorRow.at) >= since - _OVERLAP)
        async with self._db.stream(statement.order_by(col(VectorRow.at))) as rows:
            async for chunk in rows.partitions(_READ_AT_ONCE):
                yield [StoredVector(*row) for row in chunk]

    async def of(self, encoder: str, papers: Collection[int]) -> dict[int, bytes]:
        """The vectors of papers by number, of those that have one of their present text."""
        statement = (
            select(col(VectorRow.paper), col(VectorRow.packed))
            .join(PaperRow, col(PaperRow.number) == col(VectorRow.paper))
            .where(col(VectorRow.encoder) == encoder, ~col(PaperRow.unencoded))
        )
        return dict(await rows_among(self._db, statement, col(VectorRow.paper), papers))

    async def count_unencoded(self, since: date | None = None) -> int:
        """How many papers have no vector of their present text, of those announced since a day."""
        statement = select(func.count()).select_from(PaperRow).where(UNENCODED)
        if since is not None:
            statement = statement.where(col(PaperRow.announced) >= since)
        return (await self._db.execute(statement)).scalar_one()
