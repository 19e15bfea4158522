"""differential.csv: one row per patient and class, with percent and exact interval.

``n`` of a parent sums its leaves; ``n_own`` counts the cells that carry exactly this label, so
``n_own`` of the counted rows adds up to the denominator. ``expected_percent`` is an estimate beside
the counts: see ``domain.expected``.
"""

from collections.abc import Iterator, Mapping

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.domain.cells.differential import DifferentialRow, differential
from wbc_desktop.domain.formulas import guard
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.csv_text import number
from wbc_desktop.services.export.patient_counts import PatientCounts

SCHEMA_VERSION = "2"

DIFFERENTIAL_HEADER = (
    "schema_version",
    "patient_id",
    "site_id",
    "class",
    "counted",
    "n_own",
    "n",
    "denominator",
    "percent",
    "ci_low",
    "ci_high",
    "loinc",
    "n_reviewed",
    "reviewed_percent",
    "expected_percent",
    "model_id",
    "head_hash",
    "app_version",
    "notice",
)

PERCENT_DECIMALS = 3
EXPECTED_DECIMALS = 1  # more would look like a count


def differential_rows(
    counts: PatientCounts,
    taxonomy: Taxonomy,
    *,
    expected: Mapping[str, float] | None,
    head_hash: str,
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one patient under ``DIFFERENTIAL_HEADER``, in the taxonomy's order.

    Args:
        counts: The patient's cells.
        taxonomy: The classes.
        expected: Estimated percent by class id, or None where there is no estimate.
        head_hash: Hash of the newest event.
    """
    reviewed = {row.class_id: row.n for row in differential(counts.reviewed, taxonomy)}
    for row in differential(counts.labels, taxonomy):
        yield (
            SCHEMA_VERSION,
            guard(counts.code),
            guard(counts.site),
            row.class_id,
            "1" if row.counted else "0",
            *_figures(row),
            taxonomy.by_id[row.class_id].loinc or "",
            str(reviewed[row.class_id]),
            number(100.0 * reviewed[row.class_id] / row.n if row.n else None, decimals=1),
            number((expected or {}).get(row.class_id), decimals=EXPECTED_DECIMALS),
            guard(";".join(sorted(counts.models))),
            head_hash,
            __version__,
            RESEARCH_USE_ONLY,
        )


def _figures(row: DifferentialRow) -> tuple[str, ...]:
    percents = (row.percent, row.ci_low, row.ci_high)
    return (
        str(row.n_own),
        str(row.n),
        str(row.denominator),
        *(number(value, decimals=PERCENT_DECIMALS) for value in percents),
    )
