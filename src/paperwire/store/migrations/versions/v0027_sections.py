"""In which places digests list their papers by subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add `destination.digest_sections`."""
    op.add_column("destination", sa.Column("digest_sections", sa.Boolean(), nullable=False, server_default=sa.true()))
