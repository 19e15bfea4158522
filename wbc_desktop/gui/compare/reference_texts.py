"""What the tiles of the reference strip say."""

from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.compare.reference_tile import ReferenceFace
from wbc_desktop.gui.history.history_text import local_time
from wbc_desktop.services.inference.drawn_references import DrawnCell
from wbc_desktop.store.records import CellRecord


def face_of_judged(record: CellRecord, taxonomy: Taxonomy) -> ReferenceFace:
    """Return what the tile of the cell being judged says."""
    known = current_class(record, taxonomy)
    by = "a person's label" if record.review else "the model's label"
    return ReferenceFace(
        cell_id=None,
        cell_class=known,
        source="",
        detail="this cell",
        spoken=f"This cell, {known.name}, {by}" if known else "This cell, not classified yet",
        um_per_px=record.um_per_px,
    )


def face_of_reference(
    record: CellRecord, reference: Reference, taxonomy: Taxonomy
) -> ReferenceFace:
    """Return what the tile of a reader's reference cell says."""
    label = taxonomy.counted_as.get(reference.label, reference.label)
    known = taxonomy.by_id.get(label)
    when = local_time(reference.at)
    scale = "" if record.um_per_px else ". Its scale is not known: the whole crop is shown"
    return ReferenceFace(
        cell_id=record.id,
        cell_class=known,
        source=reference.reader,
        detail=when.partition(" ")[0],
        spoken=(
            f"{known.name if known else reference.label}, {record.cell_id}, "
            f"{record.patient_code}, {record.slide_code}, added by {reference.reader}, "
            f"{when}{scale}"
        ),
        um_per_px=record.um_per_px,
    )


def face_of_drawn(drawn: DrawnCell, taxonomy: Taxonomy) -> ReferenceFace:
    """Return what the tile of a drawn cell says."""
    known = taxonomy.by_id[drawn.label]
    return ReferenceFace(
        cell_id=None,
        cell_class=known,
        source="drawn",
        detail="for orientation",
        spoken=f"{known.name}, a drawn cell, for orientation only",
        um_per_px=drawn.um_per_px,
    )


def current_class(record: CellRecord, taxonomy: Taxonomy) -> CellClass | None:
    """Return the class that counts for a cell, or None."""
    label = record.review.label if record.review else record.predicted
    return taxonomy.by_id.get(taxonomy.counted_as.get(label, label)) if label else None
