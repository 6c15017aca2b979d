"""What chats go on with later: texts that buttons stand for, and questions that wait for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, select, update
from sqlmodel import col

from paperwire.ports.callers import Actor
from paperwire.store.database.part import Part
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.people import AccountRow, KeptTextRow, OpenQuestionRow

_KEPT_FOR = timedelta(days=31)


class ChatMemory(Part):
    """Texts and questions inside one transaction, each kept for a month."""

    async def keep_texts(self, actor: Actor, texts: Mapping[str, str]) -> None:
        """Keep these texts by their keys, from now on for another month."""
        for key, text in sorted(texts.items()):  # in one order, as two requests may keep the same
            values = {"key": key, "channel": actor.channel, "user_id": actor.user_id, "text": text, "at": self._now}
            new = insert_new(self._db, KeptTextRow).values(values)
            again = new.on_conflict_do_update(index_elements=["key", "channel", "user_id"], set_={"at": self._now})
            await self._db.execute(again)

    async def text(self, key: str) -> str | None:
        """The text of a key, None if none is kept."""
        stored = select(col(KeptTextRow.text)).where(col(KeptTextRow.key) == key).limit(1)
        return (await self._db.execute(stored)).scalar_one_or_none()

    async def ask(self, actor: Actor, address: str, question: dict[str, Any]) -> None:
        """Let a question wait for an actor's answer at an address, in place of an older one there."""
        values = {"channel": actor.channel, "user_id": actor.user_id, "address": address}
        new = insert_new(self._db, OpenQuestionRow).values(**values, question=question, at=self._now)
        new_values = {"question": question, "at": self._now}
        await self._db.execute(new.on_conflict_do_update(index_elements=list(values), set_=new_values))

    async def asked_in(self, actor: Actor, address: str, message: str) -> None:
        """Keep the platform's id of the message in which a question waits for an actor at an address."""
        if (waiting := await self.question(actor, address)) is not None:
            question = waiting[0] | {"message": message}
            await self._db.execute(update(OpenQuestionRow).where(_of(actor, address)).values(question=question))

    async def question(self, actor: Actor, address: str) -> tuple[dict[str, Any], datetime] | None:
        """The question that waits for an actor at an address, and since when; None for none."""
        waiting = select(col(OpenQuestionRow.question), col(OpenQuestionRow.at)).where(_of(actor, address))
        row = (await self._db.execute(waiting)).first()
        return None if row is None else (row.question, row.at)

    async def answered(self, actor: Actor, address: str) -> bool:
        """Let no question wait for an actor at an address; False if another message just answered it."""
        gone = delete(OpenQuestionRow).where(_of(actor, address)).returning(col(OpenQuestionRow.at))
        return (await self._db.execute(gone)).first() is not None

    async def forget(self, actor: Actor) -> None:
        """Delete what is kept for an account."""
        for table in (KeptTextRow, OpenQuestionRow):
            of_account = and_(col(table.channel) == actor.channel, col(table.user_id) == actor.user_id)
            await self._db.execute(delete(table).where(of_account))

    async def forget_person(self, person: int) -> None:
        """Delete what is kept for a person's accounts."""
        for table in (KeptTextRow, OpenQuestionRow):
            of_account = exists().where(
                col(AccountRow.person) == person,
                col(AccountRow.channel) == col(table.channel),
                col(AccountRow.user_id) == col(table.user_id),
            )
            await self._db.execute(delete(table).where(of_account))

    async def forget_old(self) -> None:
        """Delete what is older than a month."""
        for table in (KeptTextRow, OpenQuestionRow):
            await self._db.execute(delete(table).where(col(table.at) < self._now - _KEPT_FOR))


def _of(actor: Actor, address: str) -> Any:
    return and_(
        col(OpenQuestionRow.channel) == actor.channel,
        col(OpenQuestionRow.user_id) == actor.user_id,
        col(OpenQuestionRow.address) == address,
    )
