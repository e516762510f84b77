"""The tables of the gathering. The steps in ``migrations`` make them; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

from allpoints.kernel.storage import Duration, Instant

METADATA = sa.MetaData()

GATHERING = sa.Table(
    "gathering", METADATA,
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1", name="only_one"), primary_key=True),
    sa.Column("slug", sa.String, nullable=False),
    sa.Column("title", sa.JSON, nullable=False),
    sa.Column("tagline", sa.JSON, nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("zone", sa.String, nullable=False),
    sa.Column("slate", sa.JSON, nullable=False),
    sa.Column("epoch", Instant, nullable=False),
    sa.Column("seed_digest", sa.String, nullable=False),
    sa.Column("low_trace", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("neutral_title", sa.JSON(none_as_null=True)),
    sa.Column("neutral_icon", sa.Boolean, nullable=False, server_default=sa.false()),
)

PERSON = sa.Table(
    "person", METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("about", sa.JSON(none_as_null=True)),
)

SOURCE = sa.Table(
    "source", METADATA,
    sa.Column("ref", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("path", sa.String),
    sa.Column("stream_key", sa.String, unique=True),
    sa.Column("loop", sa.Boolean, nullable=False),
)

RECEIVER = sa.Table(
    "receiver", METADATA,
    sa.Column("ref", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("stream_key", sa.String),
    sa.Column("rendition", sa.String),
    sa.Column("enabled", sa.Boolean, nullable=False),
)

DAY = sa.Table(
    "day", METADATA,
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
)

SESSION = sa.Table(
    "session", METADATA,
    sa.Column("guid", sa.String(36), primary_key=True),
    sa.Column("day", sa.Date, sa.ForeignKey("day.date", ondelete="CASCADE"), nullable=False),
    sa.Column("title", sa.JSON, nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("abstract", sa.JSON(none_as_null=True)),
)

SESSION_PERSON = sa.Table(
    "session_person", METADATA,
    sa.Column("session", sa.String(36), sa.ForeignKey("session.guid", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("person", sa.String, sa.ForeignKey("person.key"), nullable=False),
)

ITEM = sa.Table(
    "item", METADATA,
    sa.Column("guid", sa.String(36), primary_key=True),
    sa.Column("session", sa.String(36), sa.ForeignKey("session.guid", ondelete="CASCADE"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("title", sa.JSON, nullable=False),
    # No foreign key: “slate” is a source that needs no row.
    sa.Column("source", sa.String, nullable=False),
    sa.Column("duration", Duration),
    sa.Column("lower_third", sa.String, sa.ForeignKey("person.key")),
)
