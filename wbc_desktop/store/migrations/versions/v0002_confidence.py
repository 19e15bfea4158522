"""Prediction sets, OOD scores, appearance of each crop, and the assessment of slides.

What was predicted before keeps its place with these fields empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEPT = "cell_id, run_id, label, prob, scale_source, probs"


def upgrade() -> None:
    """Rebuild the table of predictions with three more columns and make the one of slides."""
    # Rebuilt rather than altered: SQLite writes an added column behind the constraints, and then
    # the schema of an old workspace would read unlike that of a new one.
    op.rename_table("prediction", "prediction_0001")
    _predictions()
    op.execute(f"INSERT INTO prediction ({_KEPT}) SELECT {_KEPT} FROM prediction_0001")  # noqa: S608  # our own names
    op.drop_table("prediction_0001")
    _slide_shifts()


def _predictions() -> None:
    op.create_table(
        "prediction",
        sa.Column(
            "cell_id", sa.Integer, sa.ForeignKey("cell.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("prediction_run.id"), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("prob", sa.Float, nullable=False),
        sa.Column("scale_source", sa.Integer, nullable=False),
        sa.Column("probs", sa.LargeBinary, nullable=False),
        sa.Column("pred_set", sa.Integer),
        sa.Column("ood_score", sa.Float),
        sa.Column("appearance", sa.LargeBinary),
    )


def _slide_shifts() -> None:
    op.create_table(
        "slide_shift",
        sa.Column(
            "slide_id", sa.Integer, sa.ForeignKey("slide.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("model_id", sa.Integer, sa.ForeignKey("model.id"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("alarm", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("statistic", "text", "advice", "at")
        ),
    )
