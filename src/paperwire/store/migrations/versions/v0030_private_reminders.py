"""Which presenters are reminded in private too: reminders of one meeting go to several places."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_COLUMNS = ("meeting", "kind", "destination", "due_at", "settled_at", "attempts")


def upgrade() -> None:
    """Add `talk.in_private`, and make the place a part of the key of `reminder`, which SQLite can only do afresh."""
    op.add_column("talk", sa.Column("in_private", sa.Boolean(), nullable=False, server_default=sa.false()))
    rows = op.get_bind().execute(sa.text(f"SELECT {', '.join(_COLUMNS)} FROM reminder")).all()  # noqa: S608 -- constant
    op.drop_table("reminder")
    reminder = op.create_table(
        "reminder",
        sa.Column("meeting", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([to], [f"{to}.number"], name=f"fk_reminder_{to}_{to}", ondelete="CASCADE")
            for to in ("meeting", "destination")
        ),
        sa.PrimaryKeyConstraint("meeting", "kind", "destination", name="pk_reminder"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reminder_destination", "reminder", ["destination"])
    is_open = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_reminder_open", "reminder", ["destination", "due_at"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.bulk_insert(reminder, [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
