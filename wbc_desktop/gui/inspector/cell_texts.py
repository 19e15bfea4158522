"""What the inspector says of a cell, in words: the label that counts, the model, trust, facts."""

from collections.abc import Mapping

from wbc_desktop.domain.cells.prediction_set import NO_SET, leaves_in
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.attributes import Vocabulary
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.domain.wording import capitalised
from wbc_desktop.gui.history.history_text import local_time
from wbc_desktop.gui.widgets.prediction_text import (
    RENDERED_ONLY,
    UNLIKE,
    confidence_words,
    is_unusual,
    ood_words,
)
from wbc_desktop.store.records import CellRecord

STATUS_TEXTS = {
    Status.UNREVIEWED: "not reviewed",
    Status.ACCEPTED: "accepted",
    Status.CORRECTED: "corrected",
    Status.UNDECIDED: "unidentified",
    Status.EXCLUDED: "excluded as artefact",
}
_SCALE_TEXTS = {
    0: "from the slide",
    1: "estimated from the cell",
    2: "the estimate failed, whole crop used",
}
FACTS = ("Cell", "Slide", "Source", "Scale", "File")


def current_class(record: CellRecord, taxonomy: Taxonomy) -> CellClass | None:
    """Return the class that counts for a cell, or None."""
    label = record.review.label if record.review else record.predicted
    return taxonomy.by_id.get(taxonomy.counted_as.get(label, label)) if label else None


def label_text(record: CellRecord, taxonomy: Taxonomy) -> str:
    """Return the label that counts; a hollow dot marks the model's, a filled one a person's."""
    review = record.review
    label = review.label if review else record.predicted
    if label is None:
        return "Not classified yet"
    if label not in taxonomy.by_id:
        return f"● {label}"  # of another program; its class is shown as soon as the import ends
    cell_class = taxonomy.by_id[taxonomy.counted_as[label]]
    given = f" (given as {taxonomy.by_id[label].code})" if cell_class.id != label else ""
    return f"{'●' if review else '○'} {cell_class.code}  {cell_class.name}{given}"


def model_text(record: CellRecord, taxonomy: Taxonomy, vocabulary: Vocabulary) -> str:
    """Return what model and reader have said, a line each."""
    lines = []
    if record.predicted is not None and record.pred_prob is not None:
        code = taxonomy.by_id[record.predicted].code
        lines.append(f"Model: {code} {confidence_words(record.pred_prob)} ({record.model_id})")
    else:
        lines.append("Model: not classified yet")
    if record.review is None:
        lines.append("Reader: not reviewed")
    else:
        review = record.review
        when = local_time(review.reviewed_at)
        lines.append(f"Reader: {STATUS_TEXTS[review.status]} by {review.reviewer}, {when}")
    if record.attributes:
        lines.append(f"Shows: {', '.join(vocabulary.names(record.attributes))}")
    return "\n".join(lines)


def trust_text(
    record: CellRecord, taxonomy: Taxonomy, *, rendered_only: frozenset[str]
) -> tuple[str, bool]:
    """Return prediction set, unusualness and what the class rests on, and whether it is a warning.

    Args:
        record: The cell.
        taxonomy: The classes.
        rendered_only: Classes that the model knows from rendered cells only.
    """
    probs = None if record.probs is None else record.probs.tolist()
    leaves = leaves_in(record.pred_set or NO_SET, taxonomy, probs=probs)
    lines = []
    if leaves:
        codes = " · ".join(taxonomy.by_id[leaf].code for leaf in leaves)
        lines.append(f"Could be: {codes}{'' if len(leaves) > 1 else ' only'} (90 % set)")
    unusual = is_unusual(record.ood_score)
    if record.ood_score is not None:
        lines.append(f"{f'{UNLIKE}: ' if unusual else ''}{ood_words(record.ood_score)}")
    low = record.predicted in rendered_only
    if low:
        lines.append(f"This class was {RENDERED_ONLY}: trust the confidence less")
    if record.review is not None and taxonomy.own(record.review.label):
        lines.append("The label is a class of this workspace: the model does not know it")
    return "\n".join(capitalised(line) for line in lines), unusual or low


def facts(record: CellRecord) -> Mapping[str, str]:
    """Return the facts of a cell by ``FACTS``."""
    places = (record.patient_code, record.slide_code, record.site)
    return {
        "Cell": f"{record.cell_id}{' ⚑ flagged' if record.flagged else ''}",
        "Slide": " · ".join(filter(None, places)),
        "Source": record.source_label or "no label",
        "Scale": _scale_text(record),
        "File": record.image_path,
    }


def _scale_text(record: CellRecord) -> str:
    known = f"{record.um_per_px:.4g} µm/px" if record.um_per_px else "µm/px not known"
    if record.scale_source is None:
        return known
    return f"{known}, {_SCALE_TEXTS[record.scale_source]}"
