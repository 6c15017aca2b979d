"""What readers ended by a link, for a week."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the table `departure`."""
    op.create_table(
        "departure",
        sa.Column("destination", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),  # microseconds since 1970 UTC
        sa.Column("paused", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination"], ["destination.number"], name="fk_departure_destination_destination", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("destination", "subscription", name="pk_departure"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_departure_left_at", "departure", ["left_at"])
