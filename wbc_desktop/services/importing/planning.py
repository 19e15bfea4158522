"""The dry run: from what was found to a plan, without changing anything."""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from wbc_desktop.domain.taxonomy.classes import Taxonomy, taxonomy_v1
from wbc_desktop.services.importing.duplicates import DuplicateFilter
from wbc_desktop.services.importing.label_tables import read_label_tables
from wbc_desktop.services.importing.options import FolderLayout, ImportOptions, LabelsFrom
from wbc_desktop.services.importing.path_rules import ParsedPath, other_layouts, parse_folders
from wbc_desktop.services.importing.plan import ImportPlan, PlannedCell, PlannedPatient
from wbc_desktop.services.importing.progress import ImportProgress
from wbc_desktop.services.importing.scan import CheckedCrop, ScanResult, scan_paths
from wbc_desktop.store.workspace import Workspace


def read_plan(
    paths: Sequence[Path],
    *,
    options: ImportOptions,
    workspace: Workspace | None = None,
    taxonomy: Taxonomy | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportPlan:
    """Look at everything that is to be imported, and change nothing.

    Args:
        paths: Folders, ZIP archives, CSV manifests, HDF5 or NPZ files.
        options: What was chosen.
        workspace: Where the cells would go; None to plan for a new one.
        taxonomy: The classes; the first taxonomy if None.
        progress: Called a few times a second; an exception it raises ends the dry run.

    Raises:
        UserError: If a path or a label table cannot be read, or a patient is of another site.
    """
    steps = plan_steps(paths, options=options, workspace=workspace, taxonomy=taxonomy)
    with closing(steps):
        for step in steps:
            if isinstance(step, ImportPlan):
                return step
            if progress is not None:
                progress(step)
    raise AssertionError("plan_steps ends with a plan")


def plan_steps(
    paths: Sequence[Path],
    *,
    options: ImportOptions,
    workspace: Workspace | None = None,
    taxonomy: Taxonomy | None = None,
) -> Generator[ImportProgress | ImportPlan, None, None]:
    """Look at everything that is to be imported, step by step; closing the generator cancels.

    Args:
        paths: As ``read_plan``.
        options: As ``read_plan``.
        workspace: As ``read_plan``.
        taxonomy: As ``read_plan``.

    Yields:
        Progress a few times a second, and at the end the plan.

    Raises:
        UserError: As ``read_plan``.
    """
    found = yield from scan_paths(paths)
    yield make_plan(found, options=options, workspace=workspace, taxonomy=taxonomy)


def make_plan(
    found: ScanResult,
    *,
    options: ImportOptions,
    workspace: Workspace | None = None,
    taxonomy: Taxonomy | None = None,
) -> ImportPlan:
    """Read what was found in the way the options say; fast enough to be done again at a click.

    Args:
        found: The scan.
        options: What was chosen.
        workspace: Where the cells would go; None to plan for a new one.
        taxonomy: The classes; the first taxonomy if None.

    Raises:
        UserError: If a label table cannot be read, or a patient is of another site.
    """
    classes = taxonomy or taxonomy_v1()
    placed = _Placed()
    of_source: dict[int, list[CheckedCrop]] = defaultdict(list)
    for crop in found.crops:
        of_source[crop.source].append(crop)
    for index, source in enumerate(found.sources):
        crops = [one.crop for one in of_source[index]]
        parsed = parse_folders(
            source.name,
            crops,
            wanted=options.wanted,
            labels=options.labels,
            taxonomy=classes,
        )
        placed.add(of_source[index], parsed.paths)
        placed.texts.append(parsed.text)
        placed.layouts.append(parsed.layout)
        placed.others |= set(other_layouts(crops, parsed.layout))
    labels = _labels(found, placed, options, classes)
    known = DuplicateFilter(workspace.catalogue if workspace else None, found, site=options.site)
    patients = tuple(known.patients(_cells_by_patient(placed, labels, options)))
    return ImportPlan(
        options=options,
        scan=found,
        patients=patients,
        duplicates=tuple(known.duplicates),
        unreadable=found.unreadable,
        layout_text="\n".join(placed.texts),
        layout=placed.layouts[0],
        other_layouts=tuple(
            r for r in FolderLayout if r in placed.others and r is not placed.layouts[0]
        ),
        labels=_count_labels(patients),
    )


@dataclass(eq=False)
class _Placed:
    """Every crop with the place it was given, while a plan is being made."""

    crops: list[tuple[CheckedCrop, ParsedPath]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    layouts: list[FolderLayout] = field(default_factory=list)
    others: set[FolderLayout] = field(default_factory=set)

    def add(self, crops: Sequence[CheckedCrop], paths: Sequence[ParsedPath]) -> None:
        self.crops += zip(crops, paths, strict=True)


def _labels(
    found: ScanResult, placed: _Placed, options: ImportOptions, taxonomy: Taxonomy
) -> list[str | None]:
    """Return the label of each placed crop: a class id where it is parsed."""
    stated = any(crop.crop.label for crop in found.crops)
    tables = None
    if options.labels is LabelsFrom.CSV and not stated:
        tables = read_label_tables(found.sources, found.others)
    class_ids: dict[str, str] = {}
    labels: list[str | None] = []
    for one, place in placed.crops:
        text = one.crop.label or place.label
        if tables is not None:
            text = text or tables[one.source].label_of(one.crop)
        if text and text not in class_ids:
            class_ids[text] = taxonomy.resolve(text) or text
        labels.append(class_ids[text] if text else None)
    return labels


def _cells_by_patient(
    placed: _Placed, labels: Sequence[str | None], options: ImportOptions
) -> dict[str, list[tuple[str, PlannedCell]]]:
    cells: dict[str, list[tuple[str, PlannedCell]]] = defaultdict(list)
    for (one, place), label in zip(placed.crops, labels, strict=True):
        scale = one.crop.um_per_px or options.um_per_px
        cell = PlannedCell(found=one, label=label, um_per_px=scale)
        cells[place.patient].append((place.slide, cell))
    return cells


def _count_labels(patients: Sequence[PlannedPatient]) -> dict[str, int]:
    counted = Counter(
        cell.label
        for patient in patients
        for slide in patient.slides
        for cell in slide.cells
        if cell.label
    )
    return dict(counted.most_common())
