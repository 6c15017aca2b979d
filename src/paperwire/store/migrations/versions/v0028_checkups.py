"""What subscriptions were expected to bring, and which places are told once a month of those that need a change."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add three columns."""
    op.add_column("subscription", sa.Column("expected", sa.Double(), nullable=True))
    op.add_column("destination", sa.Column("checked_up_at", sa.BigInteger(), nullable=True))
    op.add_column("destination", sa.Column("checkups_off", sa.Boolean(), nullable=False, server_default=sa.false()))
