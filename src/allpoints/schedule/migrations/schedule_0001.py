"""The tables of a gathering."""

import sqlalchemy as sa
from alembic import op

revision = "schedule_0001"
down_revision = None
branch_labels = ("schedule",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gathering",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="only_one"), primary_key=True),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("title", sa.JSON, nullable=False),
        sa.Column("tagline", sa.JSON, nullable=False),
        sa.Column("languages", sa.JSON, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("slate", sa.JSON, nullable=False),
        sa.Column("epoch", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed_digest", sa.String, nullable=False),
    )
    op.create_table(
        "person",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.JSON, nullable=False),
        sa.Column("about", sa.JSON),
    )
    op.create_table(
        "source",
        sa.Column("ref", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.JSON, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("path", sa.String),
        sa.Column("stream_key", sa.String, unique=True),
        sa.Column("loop", sa.Boolean, nullable=False),
    )
    op.create_table(
        "day",
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("guid", sa.String(36), primary_key=True),
        sa.Column("day", sa.Date, sa.ForeignKey("day.date", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.JSON, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("abstract", sa.JSON),
    )
    op.create_table(
        "session_person",
        sa.Column("session", sa.String(36), sa.ForeignKey("session.guid", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("person", sa.String, sa.ForeignKey("person.key"), nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("guid", sa.String(36), primary_key=True),
        sa.Column("session", sa.String(36), sa.ForeignKey("session.guid", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.JSON, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("duration", sa.BigInteger),
        sa.Column("lower_third", sa.String, sa.ForeignKey("person.key")),
    )
