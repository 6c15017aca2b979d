"""${message}."""

import sqlalchemy as sa
import sqlmodel  # noqa: F401 -- generated column types may name it
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Change the schema."""
    ${upgrades if upgrades else "pass"}
