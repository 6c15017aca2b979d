"""Lists: what is submitted to them, who votes for what, and which paper a message shows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add the tables `submission`, `vote` and `card`."""
    op.create_table(
        "submission",
        sa.Column("list", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("paper", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("announced_at", _AT, nullable=True),
        sa.Column("removed_at", _AT, nullable=True),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("barred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["paper.number"], name="fk_submission_paper_paper"),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name="fk_submission_person_person", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("list", "paper", name="pk_submission"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_submission_paper", "submission", ["paper"])
    op.create_index("ix_submission_person", "submission", ["person"])
    op.create_index("ix_submission_list_at", "submission", ["list", "at"])
    waiting = sa.text("announced_at IS NULL AND removed_at IS NULL")
    op.create_index("ix_submission_unannounced", "submission", ["at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "vote",
        sa.Column("list", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("paper", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("person", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["paper.number"], name="fk_vote_paper_paper"),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name="fk_vote_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list", "paper", "person", name="pk_vote"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vote_paper", "vote", ["paper"])
    op.create_index("ix_vote_person", "vote", ["person"])
    op.create_index("ix_vote_list_at", "vote", ["list", "at"])
    op.create_table(
        "card",
        sa.Column("destination", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination"], ["destination.number"], name="fk_card_destination_destination", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("destination", "message", name="pk_card"),
        sqlite_with_rowid=False,
    )
