"""What viewers' devices are left with: a gathering that exists already goes on as it was."""

import sqlalchemy as sa
from alembic import op

revision = "schedule_0003"
down_revision = "schedule_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gathering", sa.Column("low_trace", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("gathering", sa.Column("neutral_title", sa.JSON))
    op.add_column("gathering", sa.Column("neutral_icon", sa.Boolean, nullable=False, server_default=sa.false()))
