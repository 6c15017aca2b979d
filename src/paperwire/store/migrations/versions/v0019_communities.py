"""Communities: places that belong together, and have one list."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the columns `community` and `list` to `destination`; what places belong to, their next request tells."""
    op.add_column("destination", sa.Column("community", sa.Text(), nullable=False, server_default=""))
    op.add_column("destination", sa.Column("list", sa.Integer(), nullable=True))
    op.create_index("ix_destination_channel_community", "destination", ["channel", "community"])
