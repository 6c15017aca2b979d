"""The languages that people choose for themselves and for places, and the one that a server reports."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Add three columns."""
    for table, column in (("person", "language"), ("destination", "language"), ("destination", "server_locale")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
