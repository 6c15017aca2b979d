"""Meetings of shared places: how often, when, over which papers, and what is due for them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def _link(table: str, column: str, target: str, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.number"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete
    )


def upgrade() -> None:
    """Add the tables `agenda`, `meeting`, `talk` and `reminder`."""
    op.create_table(
        "agenda",
        sa.Column("destination", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("papers", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        _link("agenda", "destination", "destination"),
        sa.PrimaryKeyConstraint("destination", name="pk_agenda"),
        sqlite_with_rowid=False,
    )
    _add_meetings()
    op.create_table(
        "talk",
        sa.Column("meeting", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("paper", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("presenter", sa.Integer(), nullable=True),
        _link("talk", "meeting", "meeting"),
        _link("talk", "paper", "paper", None),
        _link("talk", "presenter", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("meeting", "paper", name="pk_talk"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_talk_paper", "talk", ["paper"])
    op.create_index("ix_talk_presenter", "talk", ["presenter"])
    op.create_table(
        "reminder",
        sa.Column("meeting", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("settled_at", _AT, nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        _link("reminder", "meeting", "meeting"),
        _link("reminder", "destination", "destination"),
        sa.PrimaryKeyConstraint("meeting", "kind", name="pk_reminder"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reminder_destination", "reminder", ["destination"])
    is_open = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_reminder_open", "reminder", ["destination", "due_at"], sqlite_where=is_open, postgresql_where=is_open
    )


def _add_meetings() -> None:
    op.create_table(
        "meeting",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("slot_at", _AT, nullable=False),
        sa.Column("begins_at", _AT, nullable=False),
        sa.Column("ends_at", _AT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", _AT, nullable=False),
        sa.Column("frozen_at", _AT, nullable=True),
        sa.Column("cancelled_at", _AT, nullable=True),
        _link("meeting", "destination", "destination"),
        sa.PrimaryKeyConstraint("number", name="pk_meeting"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_meeting_destination_slot_at", "meeting", ["destination", "slot_at"], unique=True)
