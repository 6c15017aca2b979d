"""When each part of a source was last tried, and the states of channels that processes report."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add `source_state.tried_at` and the table of channel states."""
    op.add_column("source_state", sa.Column("tried_at", _AT, nullable=True))
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "owner", name="pk_channel_state"),
        sqlite_with_rowid=False,
    )
