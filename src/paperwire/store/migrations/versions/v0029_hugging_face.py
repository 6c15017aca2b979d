"""What a record says besides: the report number, and a paper's entry on Hugging Face."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add two columns."""
    op.add_column("paper", sa.Column("report_number", sa.Text(), nullable=False, server_default=""))
    op.add_column("paper", sa.Column("hub", sa.JSON(), nullable=True))
