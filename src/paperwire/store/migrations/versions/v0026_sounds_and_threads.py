"""Which subscriptions send without a sound, and in which places each announcement opens a thread."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add two columns."""
    op.add_column("subscription", sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("destination", sa.Column("threads", sa.Text(), nullable=False, server_default=""))
