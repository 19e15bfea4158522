"""What stands below a compared cell, in words: class, model, possible classes, where it is from."""

from dataclasses import dataclass

from wbc_desktop.domain.cells.prediction_set import NO_SET, leaves_in
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.gui.compare.reference_texts import current_class
from wbc_desktop.gui.inspector.cell_texts import STATUS_TEXTS
from wbc_desktop.gui.widgets.confidence_text import confidence_words
from wbc_desktop.store.records import CellRecord


@dataclass(frozen=True, kw_only=True)
class CompareCaption:
    """The words of one pane.

    Attributes:
        cell_class: The class that counts, or None where there is none yet.
        status: The review state, for the mark.
        reader: Who reviewed it, or the empty string.
        model: The model's class and confidence.
        could_be: Codes of the prediction set; empty where there is none.
        place: Patient and slide.
        cell: The id that people see.
        flagged: A person flagged the cell.
    """

    cell_class: CellClass | None
    status: Status
    reader: str
    model: str
    could_be: str
    place: str
    cell: str
    flagged: bool

    def spoken(self) -> str:
        """Return everything in one sentence, for screen readers and the tooltip."""
        name = self.cell_class.name if self.cell_class else "Not classified yet"
        by = f" by {self.reader}" if self.reader else ""
        parts = [f"{name}, {STATUS_TEXTS[self.status]}{by}", self.model]
        parts += [self.could_be] if self.could_be else []
        parts += [self.place, self.cell, *(["flagged"] if self.flagged else [])]
        return ". ".join(parts)


def caption_of(
    record: CellRecord, taxonomy: Taxonomy, *, rendered_only: frozenset[str]
) -> CompareCaption:
    """Return the words for a cell.

    Args:
        record: The cell.
        taxonomy: The classes.
        rendered_only: Classes that the model knows from rendered cells only; their confidence
            stands in brackets, as in the gallery.
    """
    review = record.review
    return CompareCaption(
        cell_class=current_class(record, taxonomy),
        status=review.status if review else Status.UNREVIEWED,
        reader=review.reviewer if review else "",
        model=_model_words(record, taxonomy, rendered_only),
        could_be=_set_words(record, taxonomy),
        place=f"{record.patient_code} · {record.slide_code}",
        cell=record.cell_id,
        flagged=record.flagged,
    )


def _model_words(record: CellRecord, taxonomy: Taxonomy, rendered_only: frozenset[str]) -> str:
    if record.predicted is None or record.pred_prob is None:
        return "Model: not classified yet"
    known = taxonomy.by_id.get(record.predicted)
    confidence = confidence_words(record.pred_prob)
    if record.predicted in rendered_only:
        confidence = f"({confidence})"
    return f"Model: {known.code if known else record.predicted} {confidence}"


def _set_words(record: CellRecord, taxonomy: Taxonomy) -> str:
    probs = None if record.probs is None else record.probs.tolist()
    leaves = leaves_in(record.pred_set or NO_SET, taxonomy, probs=probs)
    if not leaves:
        return ""
    codes = " · ".join(taxonomy.by_id[leaf].code for leaf in leaves)
    return f"Could be: {codes}{'' if len(leaves) > 1 else ' only'}"
