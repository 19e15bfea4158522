"""The first schema: patients, cells, predictions, reviews and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = (
    """
CREATE TRIGGER event_in_order BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)


def upgrade() -> None:
    """Make every table."""
    _meta_and_places()
    _cells()
    _staging()
    _predictions()
    _reviews()
    _events()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _cell_key() -> sa.Column[int]:
    return sa.Column(
        "cell_id", sa.Integer, sa.ForeignKey("cell.id"), primary_key=True, autoincrement=False
    )


def _text(name: str, *, nullable: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, unique=unique)


def _meta_and_places() -> None:
    op.create_table("meta", sa.Column("key", sa.Text, primary_key=True), _text("value"))
    op.create_table("site", _id(), _text("name", unique=True))
    op.create_table(
        "patient",
        _id(),
        _text("code", unique=True),
        sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id")),
    )
    op.create_table(
        "slide",
        _id(),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        _text("code"),
        sa.UniqueConstraint("patient_id", "code"),
    )


def _cells() -> None:
    op.create_table(
        "cell",
        _id(),
        sa.Column("slide_id", sa.Integer, sa.ForeignKey("slide.id"), nullable=False),
        _text("image_path"),
        _text("image_sha256"),
        _text("source_label", nullable=True),
        sa.Column("um_per_px", sa.Float),
    )
    op.create_index("ix_cell_slide", "cell", ["slide_id", "um_per_px"])
    op.create_index("ix_cell_sha256", "cell", ["image_sha256"])


def _staging() -> None:
    op.create_table("staged_patient", _id(), _text("code", unique=True), _text("site"))
    op.create_table(
        "staged_cell",
        _id(),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("staged_patient.id"), nullable=False),
        _text("slide"),
        _text("image_path"),
        _text("image_sha256"),
        _text("source_label", nullable=True),
        sa.Column("um_per_px", sa.Float),
    )
    op.create_index("ix_staged_cell_patient_id", "staged_cell", ["patient_id"])


def _predictions() -> None:
    op.create_table("model", _id(), _text("name"), _text("sha256", unique=True))
    op.create_table(
        "prediction_run",
        _id(),
        sa.Column("model_id", sa.Integer, sa.ForeignKey("model.id"), nullable=False),
        _text("at"),
    )
    op.create_table(
        "prediction",
        _cell_key(),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("prediction_run.id"), nullable=False),
        _text("label"),
        sa.Column("prob", sa.Float, nullable=False),
        sa.Column("scale_source", sa.Integer, nullable=False),
        sa.Column("probs", sa.LargeBinary, nullable=False),
    )


def _reviews() -> None:
    op.create_table(
        "review",
        _cell_key(),
        _text("label"),
        _text("status"),
        _text("reviewer"),
        _text("reviewed_at"),
        _text("mode"),
        sa.Column("n_reviews", sa.Integer, nullable=False),
    )
    op.create_table("flag", _cell_key())
    op.create_table("note", _cell_key(), _text("text"))


def _events() -> None:
    op.create_table(
        "event",
        sa.Column(
            "seq", sa.Integer, sa.CheckConstraint("seq > 0"), primary_key=True, autoincrement=False
        ),
        *(_text(name) for name in ("at", "reader", "type", "payload", "prev_hash", "hash")),
    )
    op.create_index("ix_event_reader", "event", ["reader", "seq"])
    op.create_table(
        "event_cell",
        _cell_key(),
        sa.Column(
            "event_seq",
            sa.Integer,
            sa.ForeignKey("event.seq"),
            primary_key=True,
            autoincrement=False,
        ),
        sqlite_with_rowid=False,
    )
    for statement in _APPEND_ONLY:
        op.execute(statement)
