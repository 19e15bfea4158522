"""cells.csv: one row per cell, with what the model said and what a person said.

The columns and their order are binding for everyone who reads our files; ``docs/csv.md`` explains
each. To add one, append it to ``_AFTER``
or ``_BEFORE`` together with its value in ``cell_row``, and raise ``SCHEMA_VERSION``.
"""

from collections.abc import Sequence

from wbc_desktop import __version__
from wbc_desktop.domain.cells.prediction_set import NO_SET, leaves_in
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import guard
from wbc_desktop.domain.review.review import Review, Status
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.csv_text import number
from wbc_desktop.store.records import CellRecord

SCHEMA_VERSION = "2"

PROB_DECIMALS = 6
OOD_DECIMALS = 4
SHIFT_DECIMALS = 2

_BEFORE = (
    "schema_version",
    "patient_id",
    "slide_id",
    "site_id",
    "um_per_px",
    "cell_id",
    "image_path",
    "image_sha256",
    "source_label",
    "pred_label",
    "pred_prob",
    "pred_set",
)
_AFTER = (
    "ood_score",
    "slide_shift",
    "model_id",
    "model_sha256",
    "predicted_at",
    "final_label",
    "label_source",
    "status",
    "review_mode",
    "reviewer_id",
    "reviewed_at",
    "n_reviews",
    "comment",
    "counted_in_differential",
    "app_version",
    "attributes",
    "merged_from",
)


def cells_header(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the column names."""
    return (*_BEFORE, *(f"prob_{leaf}" for leaf in taxonomy.leaves), *_AFTER)


def cell_row(cell: CellRecord, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the fields of one cell under ``cells_header``.

    Args:
        cell: The cell.
        taxonomy: The classes; its leaves are the columns of the probabilities.
    """
    final, given = final_label(cell, taxonomy), given_label(cell)
    probabilities = _probabilities(cell, len(taxonomy.leaves))
    return (
        SCHEMA_VERSION,
        guard(cell.patient_code),
        guard(cell.slide_code),
        guard(cell.site),
        number(cell.um_per_px),
        cell.cell_id,
        guard(cell.image_path),
        cell.image_sha256,
        guard(cell.source_label or ""),
        cell.predicted or "",
        number(cell.pred_prob, decimals=PROB_DECIMALS),
        _prediction_set(cell, taxonomy),
        *probabilities,
        number(cell.ood_score, decimals=OOD_DECIMALS),
        number(cell.slide_shift, decimals=SHIFT_DECIMALS),
        guard(cell.model_id or ""),
        cell.model_sha256 or "",
        cell.predicted_at or "",
        final or "",
        label_source(cell),
        *_review_fields(cell.review),
        guard(cell.note),
        "1" if is_counted(final, taxonomy) else "0",
        __version__,
        ";".join(cell.attributes),
        given or "" if given != final else "",
    )


def final_label(cell: CellRecord, taxonomy: Taxonomy) -> str | None:
    """Return the class the cell counts as: its label, or what that was merged into; else None."""
    given = given_label(cell)
    return None if given is None else taxonomy.counted_as[given]


def given_label(cell: CellRecord) -> str | None:
    """Return the label as it was given: the human one, else the model's, else None."""
    return cell.review.label if cell.review is not None else cell.predicted


def label_source(cell: CellRecord) -> str:
    """Return who gave the final label: ``human``, ``model`` or the empty string."""
    if cell.review is not None:
        return "human"
    return "model" if cell.predicted is not None else ""


def is_counted(label: str | None, taxonomy: Taxonomy) -> bool:
    """Tell whether a final label belongs to the 100 % of the differential."""
    return label is not None and taxonomy.by_id[label].counted


def _prediction_set(cell: CellRecord, taxonomy: Taxonomy) -> str:
    probs = None if cell.probs is None else cell.probs.tolist()
    return ";".join(leaves_in(cell.pred_set or NO_SET, taxonomy, probs=probs))


def _probabilities(cell: CellRecord, n_leaves: int) -> Sequence[str]:
    if cell.probs is None:
        return ("",) * n_leaves
    if len(cell.probs) != n_leaves:
        raise UserError(
            "The prediction of a cell is damaged",
            cell.cell_id,
            "Classify the workspace again, or restore it from a backup.",
        )
    return [number(p, decimals=PROB_DECIMALS) for p in cell.probs.tolist()]


def _review_fields(review: Review | None) -> Sequence[str]:
    if review is None:
        return (Status.UNREVIEWED.value, "", "", "", "0")
    return (
        review.status.value,
        review.mode.value,
        guard(review.reviewer),
        review.reviewed_at,
        str(review.n_reviews),
    )
