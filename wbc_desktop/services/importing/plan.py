"""The dry run's result: what an import would add, and why it would leave out the rest."""

from collections.abc import Mapping
from dataclasses import dataclass

from wbc_desktop.services.importing.options import FolderLayout, ImportOptions
from wbc_desktop.services.importing.scan import CheckedCrop, ScanResult
from wbc_desktop.store.sources.base import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCell:
    """A cell to be added.

    Attributes:
        found: The crop as it was examined.
        label: Class id where the source's label is understood, else its text, or None.
        um_per_px: Scale in µm per pixel, or None.
    """

    found: CheckedCrop
    label: str | None
    um_per_px: float | None


@dataclass(frozen=True, kw_only=True)
class PlannedSlide:
    """A slide that gets cells.

    Attributes:
        code: Its name.
        cells: In natural order of their paths.
    """

    code: str
    cells: tuple[PlannedCell, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedPatient:
    """A patient who gets cells.

    Attributes:
        code: The patient's id.
        known: True if the workspace has this patient already.
        slides: In natural order of their names.
    """

    code: str
    known: bool
    slides: tuple[PlannedSlide, ...]

    @property
    def n_cells(self) -> int:
        """Cells to be added."""
        return sum(len(slide.cells) for slide in self.slides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A picture that is there already.

    Attributes:
        path: The file.
        patient: Whose it would be.
        reason: Where else it is, in words.
        kept: True if it is imported all the same, because the other one is another patient's.
    """

    path: str
    patient: str
    reason: str
    kept: bool


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """What an import would do.

    Attributes:
        options: What was chosen.
        scan: What was found; ``make_plan`` reads it in another way without reading any file.
        patients: What would be added, in natural order.
        duplicates: Pictures that are there already, skipped or kept.
        unreadable: Files that cannot be imported, each with its reason.
        layout_text: How the folders were understood, in words; one line per imported path.
        layout: That of the first path.
        other_layouts: Those that could be chosen instead.
        labels: How many of the cells to be added carry each label.
    """

    options: ImportOptions
    scan: ScanResult
    patients: tuple[PlannedPatient, ...]
    duplicates: tuple[Duplicate, ...]
    unreadable: tuple[Problem, ...]
    layout_text: str
    layout: FolderLayout
    other_layouts: tuple[FolderLayout, ...]
    labels: Mapping[str, int]

    @property
    def n_new(self) -> int:
        """Cells that would be added."""
        return sum(patient.n_cells for patient in self.patients)

    @property
    def n_slides(self) -> int:
        """Slides that would get cells."""
        return sum(len(patient.slides) for patient in self.patients)

    @property
    def n_skipped(self) -> int:
        """Duplicates that would not be imported."""
        return sum(not duplicate.kept for duplicate in self.duplicates)

    @property
    def n_not_images(self) -> int:
        """Files that are no images, CSV files and the like."""
        return sum(len(files) for files in self.scan.others)
