"""Links that sign people in on the pages, and the browsers in which they are signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add the tables `sign_in` and `session`."""
    op.create_table(
        "sign_in",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("wanted_for", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("used_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name="fk_sign_in_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name="pk_sign_in"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sign_in_created_at", "sign_in", ["created_at"])
    op.create_index("ix_sign_in_person", "sign_in", ["person"])
    op.create_table(
        "session",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name="fk_session_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name="pk_session"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_person", "session", ["person"])
