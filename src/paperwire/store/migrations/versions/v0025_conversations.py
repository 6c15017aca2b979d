"""What chats go on with after a restart: texts that buttons stand for, open questions, and notes of meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add two tables and a column."""
    op.create_table(
        "kept_text",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "channel", "user_id", name="pk_kept_text"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_question",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "user_id", "address", name="pk_open_question"),
        sqlite_with_rowid=False,
    )
    op.add_column("meeting", sa.Column("notes", sa.Text(), nullable=False, server_default=""))
