"""The labelled cells of a workspace and what is said of each, for those who train models elsewhere.

Only labels of people count, at whatever depth they were given; ``unidentified`` is none. The
columns are those of ``split.csv`` and the arrays of the HDF5 file; ``docs/csv.md`` explains each.
To add one, append it to ``COLUMNS`` and raise ``SCHEMA_VERSION``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wbc_desktop.domain.formulas import guard
from wbc_desktop.domain.review.review import Review
from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED, Taxonomy
from wbc_desktop.domain.training.label_split import (
    LabelSplit,
    SplitCell,
    SplitPart,
    split_cells,
)
from wbc_desktop.services.export.cells_csv import PROB_DECIMALS
from wbc_desktop.services.export.csv_text import number
from wbc_desktop.store.records import CellRecord

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCell:
    """One cell with a person's label.

    Attributes:
        cell_id: The id people see.
        label: Class id the cell counts as.
        given: The label as it was given, where its class was merged since.
        patient: The patient's code.
        slide: Name of the slide.
        site: Name of the site, or the empty string.
        um_per_px: Scale in µm per pixel, or None where it is not known.
        image_sha256: Digest of the crop.
        review: Who labelled it, when and how.
        predicted: Class id of the model, or None.
        pred_prob: Its probability, or None.
        model: Name and digest of the model, or two empty strings.
        drawn: True if its first label ever came by lot.
        held_out: True if so did that of a cell with its crop.
    """

    cell_id: str
    label: str
    given: str
    patient: str
    slide: str
    site: str
    um_per_px: float | None
    image_sha256: str
    review: Review
    predicted: str | None
    pred_prob: float | None
    model: tuple[str, str]
    drawn: bool
    held_out: bool

    @property
    def origin(self) -> SplitCell:
        """Where it comes from, for the split."""
        return SplitCell(self.patient, self.slide, self.image_sha256, self.held_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow:
    """One row of the export.

    Attributes:
        cell: The cell.
        group: Its group, from 1.
        part: What it is for.
        image_path: Class folder and file name of its crop.
    """

    cell: ExportedCell
    group: int
    part: SplitPart
    image_path: str


@dataclass(frozen=True, kw_only=True)
class TrainingCells:
    """All labelled cells.

    Attributes:
        cells: By patient, slide, image path and id.
        split: What each is for.
        undecided: Reviewed cells left out because nobody could name them.
    """

    cells: tuple[ExportedCell, ...]
    split: LabelSplit
    undecided: int

    def rows(self, image_paths: Sequence[str]) -> list[TrainingRow]:
        """Return the rows of the export, given where each crop lies in it."""
        return [
            TrainingRow(cell=cell, group=group, part=part, image_path=path)
            for cell, group, part, path in zip(
                self.cells, self.split.group, self.split.part, image_paths, strict=True
            )
        ]

    @property
    def models(self) -> dict[str, str]:
        """Digest by name of the models whose predictions the readers saw."""
        return {name: sha256 for name, sha256 in sorted({c.model for c in self.cells}) if name}

    @property
    def classes(self) -> tuple[str, ...]:
        """Ids of the classes that occur, in alphabetic order."""
        return tuple(sorted({cell.label for cell in self.cells}))


def gather(
    records: Iterable[CellRecord], taxonomy: Taxonomy, *, drawn: Mapping[int, str]
) -> TrainingCells:
    """Choose the labelled cells and split them.

    Args:
        records: Cells of a workspace, in the order of the export.
        taxonomy: The classes.
        drawn: Digest of the crop of each cell whose first label ever came by lot, by row id.
    """
    pictures = frozenset(drawn.values())
    cells: list[ExportedCell] = []
    undecided = 0
    for record in records:
        if record.review is None:
            continue
        label = taxonomy.counted_as[record.review.label]
        if label == UNIDENTIFIED:
            undecided += 1
        else:
            held_out = record.image_sha256 in pictures
            cells.append(
                _labelled(record, record.review, label, drawn=record.id in drawn, held_out=held_out)
            )
    split = split_cells([cell.origin for cell in cells])
    return TrainingCells(cells=tuple(cells), split=split, undecided=undecided)


def _labelled(
    record: CellRecord, review: Review, label: str, *, drawn: bool, held_out: bool
) -> ExportedCell:
    return ExportedCell(
        cell_id=record.cell_id,
        label=label,
        given=review.label if review.label != label else "",
        patient=record.patient_code,
        slide=record.slide_code,
        site=record.site,
        um_per_px=record.um_per_px,
        image_sha256=record.image_sha256,
        review=review,
        predicted=record.predicted,
        pred_prob=record.pred_prob,
        model=(record.model_id or "", record.model_sha256 or ""),
        drawn=drawn,
        held_out=held_out,
    )


Value = str | int | float | None


@dataclass(frozen=True)
class Column:
    """One fact of each cell.

    Attributes:
        name: Of the column and of the array.
        kind: ``str``, ``int`` or ``float`` (where None means that it is not known).
        value: The fact.
    """

    name: str
    kind: type[str] | type[int] | type[float]
    value: Callable[[TrainingRow], Value]

    def text(self, row: TrainingRow) -> str:
        """Return the fact as a field of the CSV."""
        value = self.value(row)
        if isinstance(value, str):
            return guard(value)
        return number(value, decimals=PROB_DECIMALS if self.name == "pred_prob" else None)


COLUMNS: Final = (
    Column("schema_version", str, lambda _: SCHEMA_VERSION),
    Column("image_path", str, lambda row: row.image_path),
    Column("label", str, lambda row: row.cell.label),
    Column("split", str, lambda row: row.part.value),
    Column("group", int, lambda row: row.group),
    Column("drawn", int, lambda row: int(row.cell.drawn)),
    Column("patient_id", str, lambda row: row.cell.patient),
    Column("slide_id", str, lambda row: row.cell.slide),
    Column("site_id", str, lambda row: row.cell.site),
    Column("um_per_px", float, lambda row: row.cell.um_per_px),
    Column("cell_id", str, lambda row: row.cell.cell_id),
    Column("image_sha256", str, lambda row: row.cell.image_sha256),
    Column("status", str, lambda row: row.cell.review.status.value),
    Column("review_mode", str, lambda row: row.cell.review.mode.value),
    Column("reviewer_id", str, lambda row: row.cell.review.reviewer),
    Column("reviewed_at", str, lambda row: row.cell.review.reviewed_at),
    Column("n_reviews", int, lambda row: row.cell.review.n_reviews),
    Column("merged_from", str, lambda row: row.cell.given),
    Column("pred_label", str, lambda row: row.cell.predicted or ""),
    Column("pred_prob", float, lambda row: row.cell.pred_prob),
    Column("model_id", str, lambda row: row.cell.model[0]),
    Column("model_sha256", str, lambda row: row.cell.model[1]),
)
SPLIT_HEADER: Final = tuple(column.name for column in COLUMNS)
