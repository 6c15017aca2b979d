"""How long what a part of a source brought waits for the other parts, and what Undo brings back of a subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add `source_state.held_until` and the table `undo`."""
    op.add_column("source_state", sa.Column("held_until", _AT, nullable=True))
    op.create_table(
        "undo",
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("subscription", sa.Integer(), nullable=False),
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "destination", "paper", "occasion", name="pk_undo"),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscription.number"], name="fk_undo_subscription_subscription", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["destination"], ["destination.number"], name="fk_undo_destination_destination", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
