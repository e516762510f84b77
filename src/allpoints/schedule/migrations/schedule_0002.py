"""The table of receivers."""

import sqlalchemy as sa
from alembic import op

revision = "schedule_0002"
down_revision = "schedule_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receiver",
        sa.Column("ref", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.JSON, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("stream_key", sa.String),
        sa.Column("rendition", sa.String),
        sa.Column("enabled", sa.Boolean, nullable=False),
    )
