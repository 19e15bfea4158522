"""The reference library: cells that a reader chose as examples of their class."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make its table."""
    op.create_table(
        "reference",
        sa.Column(
            "cell_id", sa.Integer, sa.ForeignKey("cell.id"), primary_key=True, autoincrement=False
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("label", "reader", "at")),
    )
