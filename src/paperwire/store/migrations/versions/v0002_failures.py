"""Failures of deliveries, and the pause that a platform asked of a place."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_AT = sa.BigInteger()  # microseconds since 1970 UTC
_GIVEN_UP = sa.text("state >= 2")


def upgrade() -> None:
    """Add the table of failures, one index for everything given up, and `destination.asked_until`."""
    op.create_table(
        "failure",
        sa.Column("first_at", _AT, nullable=False),
        sa.Column("last_at", _AT, nullable=False),
        sa.Column("notified_at", _AT, nullable=True),
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.SmallInteger(), nullable=False),
        sa.Column("unknowns", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "paper", "occasion", name="pk_failure"),
        sa.ForeignKeyConstraint(
            ["destination"], ["destination.number"], name="fk_failure_destination_destination", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_delivery_dead", "delivery")
    op.create_index(
        "ix_delivery_given_up", "delivery", ["settled_at"], sqlite_where=_GIVEN_UP, postgresql_where=_GIVEN_UP
    )
    op.add_column("destination", sa.Column("asked_until", _AT, nullable=True))
