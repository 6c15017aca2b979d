"""A sentence about a paper, where a source has one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add `paper.summary`."""
    op.add_column("paper", sa.Column("summary", sa.Text(), nullable=False, server_default=""))
