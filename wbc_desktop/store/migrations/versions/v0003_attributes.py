"""Morphology attributes of cells, and what a workspace defines for itself."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "attribute",
        sa.Column(
            "cell_id", sa.Integer, sa.ForeignKey("cell.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("ids", sa.Text, nullable=False),
    )
    op.create_table(
        "definition",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
