"""What is missing for a proof of a day; a state claims no more than that allows."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEY, _AFTER = "batches of ", " after"


def upgrade() -> None:
    """Add `batch.doubts` and an index of open days, and give batches the states that their evidence may have.

    A day before the first look is `backfilled`. `partial` and `failed` are `unconfirmed`, and so is what was called
    complete without any paper in the whole source, or by the one view that all sources but arXiv have.
    """
    op.add_column("batch", sa.Column("doubts", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_batch_source_day_state", "batch", ["source", "day", "state"])
    connection = op.get_bind()
    batch, setting = _tables()
    changed = sa.update(batch)
    connection.execute(changed.where(batch.c.state.in_(["partial", "failed"])).values(state="unconfirmed"))
    complete = batch.c.state.in_(["complete", "late"])
    connection.execute(changed.where(complete, batch.c.source != "arxiv").values(state="unconfirmed"))
    papers = sa.func.sum(batch.c.new + batch.c.crossed)
    days = sa.select(batch.c.source, batch.c.day).group_by(batch.c.source, batch.c.day).having(papers == 0)
    for source, day in connection.execute(days).all():
        its = (batch.c.source == source, batch.c.day == day)
        connection.execute(changed.where(complete, *its).values(state="unconfirmed"))
    for key, first in connection.execute(sa.select(setting).where(setting.c.key.startswith(_KEY))).all():
        source = key.removeprefix(_KEY).removesuffix(_AFTER)
        before = (batch.c.source == source, batch.c.day <= date.fromisoformat(first), batch.c.state != "holiday")
        connection.execute(changed.where(*before).values(state="backfilled"))


def _tables() -> tuple[sa.TableClause, sa.TableClause]:
    """The columns that this revision reads, as they are now."""
    batch = sa.table(
        "batch",
        *(sa.column(name, sa.Text()) for name in ("source", "state")),
        sa.column("day", sa.Date()),
        *(sa.column(name, sa.Integer()) for name in ("new", "crossed")),
    )
    return batch, sa.table("setting", sa.column("key", sa.Text()), sa.column("value", sa.Text()))
