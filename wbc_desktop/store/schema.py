"""The tables of ``workspace.wbc``, as they are after the newest migration.

To change them: change the table here, write a migration beside ``migrations/versions`` that does
the same to an existing workspace, and add its revision to ``REVISIONS``. A test compares a new
workspace with a migrated one, statement by statement.
"""

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    event as sqlalchemy_event,
)

# Oldest first; the last one is what this program writes.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")

metadata = MetaData()


def _id(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _cell_key() -> Column[int]:
    return Column("cell_id", ForeignKey("cell.id"), primary_key=True, autoincrement=False)


alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), primary_key=True),
)
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
site = Table("site", metadata, _id(), Column("name", Text, nullable=False, unique=True))
patient = Table(
    "patient",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("site_id", ForeignKey("site.id")),
)
slide = Table(
    "slide",
    metadata,
    _id(),
    Column("patient_id", ForeignKey("patient.id"), nullable=False),
    Column("code", Text, nullable=False),
    UniqueConstraint("patient_id", "code"),
)
cell = Table(
    "cell",
    metadata,
    _id(),
    Column("slide_id", ForeignKey("slide.id"), nullable=False),
    Column("image_path", Text, nullable=False),
    Column("image_sha256", Text, nullable=False),
    Column("source_label", Text),
    Column("um_per_px", Float),
    # Covers the counts and the scale of every slide, so that listing patients reads no cell.
    Index("ix_cell_slide", "slide_id", "um_per_px"),
    Index("ix_cell_sha256", "image_sha256"),
)
# Cells being imported. They become rows of ``cell`` all at once, with their patient's last chunk:
# until then no read can see them, because no read looks here.
staged_patient = Table(
    "staged_patient",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("site", Text, nullable=False),
)
staged_cell = Table(
    "staged_cell",
    metadata,
    _id(),
    Column("patient_id", ForeignKey("staged_patient.id"), nullable=False, index=True),
    Column("slide", Text, nullable=False),
    Column("image_path", Text, nullable=False),
    Column("image_sha256", Text, nullable=False),
    Column("source_label", Text),
    Column("um_per_px", Float),
)
model = Table(
    "model",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False, unique=True),
)
prediction_run = Table(
    "prediction_run",
    metadata,
    _id(),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("at", Text, nullable=False),
)
prediction = Table(
    "prediction",
    metadata,
    _cell_key(),
    Column("run_id", ForeignKey("prediction_run.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("prob", Float, nullable=False),
    Column("scale_source", Integer, nullable=False),
    Column("probs", LargeBinary, nullable=False),  # float32 little-endian, the leaves in order
    # Null in a row that was migrated from revision 0001, until the cell is classified again.
    Column("pred_set", Integer),  # bit i is leaf i
    Column("ood_score", Float),
    Column("appearance", LargeBinary),  # float32 little-endian
)
# The same once more as columns, one blob for each run: see ``prediction_columns``.
prediction_columns = Table(
    "prediction_columns",
    metadata,
    Column("run_id", ForeignKey("prediction_run.id"), primary_key=True, autoincrement=False),
    Column("labels", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
slide_shift = Table(
    "slide_shift",
    metadata,
    Column("slide_id", ForeignKey("slide.id"), primary_key=True, autoincrement=False),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("alarm", Integer, nullable=False),
    Column("statistic", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("at", Text, nullable=False),
)
review = Table(
    "review",
    metadata,
    _cell_key(),
    Column("label", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("reviewed_at", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("n_reviews", Integer, nullable=False),
)
flag = Table("flag", metadata, _cell_key())
note = Table("note", metadata, _cell_key(), Column("text", Text, nullable=False))
# The reference library: cells that a reader chose as examples of their class.
reference = Table(
    "reference",
    metadata,
    _cell_key(),
    Column("label", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("at", Text, nullable=False),
)
attribute = Table("attribute", metadata, _cell_key(), Column("ids", Text, nullable=False))
# What the workspace defines for itself, by kind (a ``Field``) and key.
definition = Table(
    "definition",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)
event = Table(
    "event",
    metadata,
    Column("seq", Integer, CheckConstraint("seq > 0"), primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_event_reader", "reader", "seq"),
)
# Which events concern a cell: its history without reading every payload.
event_cell = Table(
    "event_cell",
    metadata,
    Column("cell_id", ForeignKey("cell.id"), primary_key=True, autoincrement=False),
    Column("event_seq", ForeignKey("event.seq"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

APPEND_ONLY = {
    # Also stops INSERT OR REPLACE, which deletes a row without firing its delete trigger.
    "event_in_order": """
CREATE TRIGGER event_in_order BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""".strip(),
    "event_no_update": """
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""".strip(),
    "event_no_delete": """
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""".strip(),
}
for _statement in APPEND_ONLY.values():
    _trigger = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    sqlalchemy_event.listen(event, "after_create", _trigger)
