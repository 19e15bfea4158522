"""The dry run: what an import would add, and why it would leave out the rest."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy import Taxonomy, taxonomy_v1
from wbc_desktop.services.importing.label_tables import read_label_tables
from wbc_desktop.services.importing.options import (
    ImportOptions,
    ImportProgress,
    LabelsFrom,
    Reading,
)
from wbc_desktop.services.importing.reading import Place, other_readings, understand
from wbc_desktop.services.importing.survey import Examined, Survey, run_to_end, survey_paths
from wbc_desktop.store.catalogue import Catalogue
from wbc_desktop.store.sources.base import Problem, natural_key
from wbc_desktop.store.workspace import Workspace

_SHAS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCell:
    """A cell to be added.

    Attributes:
        found: The crop as it was examined.
        label: Class id where the source's label is understood, else its text, or None.
        um_per_px: Scale in µm per pixel, or None.
    """

    found: Examined
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
        survey: What was found; ``make_plan`` reads it in another way without reading any file.
        patients: What would be added, in natural order.
        duplicates: Pictures that are there already, skipped or kept.
        unreadable: Files that cannot be imported, each with its reason.
        reading: How the folders were understood, in words; one line per imported path.
        chosen: The reading of the first path.
        alternatives: Readings that could be chosen instead.
        labels: How many of the cells to be added carry each label.
    """

    options: ImportOptions
    survey: Survey
    patients: tuple[PlannedPatient, ...]
    duplicates: tuple[Duplicate, ...]
    unreadable: tuple[Problem, ...]
    reading: str
    chosen: Reading
    alternatives: tuple[Reading, ...]
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
        return sum(len(files) for files in self.survey.others)


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
    found = run_to_end(survey_paths(paths), progress)
    return make_plan(found, options=options, workspace=workspace, taxonomy=taxonomy)


def make_plan(
    found: Survey,
    *,
    options: ImportOptions,
    workspace: Workspace | None = None,
    taxonomy: Taxonomy | None = None,
) -> ImportPlan:
    """Read what was found in the way the options say; fast enough to be done again at a click.

    Args:
        found: The survey.
        options: What was chosen.
        workspace: Where the cells would go; None to plan for a new one.
        taxonomy: The classes; the first taxonomy if None.

    Raises:
        UserError: If a label table cannot be read, or a patient is of another site.
    """
    classes = taxonomy or taxonomy_v1()
    placed = _Placed()
    of_source: dict[int, list[Examined]] = defaultdict(list)
    for crop in found.crops:
        of_source[crop.source].append(crop)
    for index, source in enumerate(found.sources):
        crops = [one.crop for one in of_source[index]]
        understood = understand(
            source.name,
            crops,
            wanted=options.wanted,
            labels=options.labels,
            taxonomy=classes,
        )
        placed.add(of_source[index], understood.places)
        placed.texts.append(understood.text)
        placed.readings.append(understood.reading)
        placed.others |= set(other_readings(crops, understood.reading))
    labels = _labels(found, placed, options, classes)
    sieve = _Sieve(workspace.catalogue if workspace else None, found, site=options.site)
    patients = tuple(sieve.patients(placed, labels, options))
    counted = Counter(
        cell.label
        for patient in patients
        for slide in patient.slides
        for cell in slide.cells
        if cell.label
    )
    return ImportPlan(
        options=options,
        survey=found,
        patients=patients,
        duplicates=tuple(sieve.duplicates),
        unreadable=found.unreadable,
        reading="\n".join(placed.texts),
        chosen=placed.readings[0],
        alternatives=tuple(r for r in Reading if r in placed.others),
        labels=dict(counted.most_common()),
    )


@dataclass(eq=False)
class _Placed:
    """Every crop with the place it was given, while a plan is being made."""

    crops: list[tuple[Examined, Place]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    others: set[Reading] = field(default_factory=set)

    def add(self, crops: Sequence[Examined], places: Sequence[Place]) -> None:
        self.crops += zip(crops, places, strict=True)


def _labels(
    found: Survey, placed: _Placed, options: ImportOptions, taxonomy: Taxonomy
) -> list[str | None]:
    """Return the label of each placed crop: a class id where it is understood."""
    stated = any(crop.crop.label for crop in found.crops)
    tables = None
    if options.labels is LabelsFrom.CSV and not stated:
        tables = read_label_tables(found.sources, found.others)
    labels: list[str | None] = []
    for one, place in placed.crops:
        text = one.crop.label or place.label
        if tables is not None:
            text = text or tables[one.source].label_of(one.crop)
        labels.append((taxonomy.resolve(text) or text) if text else None)
    return labels


class _Sieve:
    """Sorts out pictures that are there already."""

    def __init__(self, catalogue: Catalogue | None, found: Survey, *, site: str) -> None:
        self.duplicates: list[Duplicate] = []
        self._catalogue = catalogue
        self._found = found
        self._site = site
        self._elsewhere = self._known(dict.fromkeys(crop.sha256 for crop in found.crops))

    def patients(
        self, placed: _Placed, labels: Sequence[str | None], options: ImportOptions
    ) -> Iterator[PlannedPatient]:
        """Yield the patients who get cells."""
        by_patient: dict[str, list[tuple[str, PlannedCell]]] = defaultdict(list)
        for (one, place), label in zip(placed.crops, labels, strict=True):
            scale = one.crop.um_per_px or options.um_per_px
            cell = PlannedCell(found=one, label=label, um_per_px=scale)
            by_patient[place.patient].append((place.slide, cell))
        for code in sorted(by_patient, key=natural_key):
            known = self._check_site(code)
            slides = self._new_slides(code, by_patient[code])
            if slides:
                yield PlannedPatient(code=code, known=known, slides=slides)

    def _new_slides(
        self, code: str, cells: Iterable[tuple[str, PlannedCell]]
    ) -> tuple[PlannedSlide, ...]:
        slides: dict[str, list[PlannedCell]] = defaultdict(list)
        first: dict[str, str] = {}
        for slide, cell in cells:
            sha256 = cell.found.sha256
            path = self._found.shown(cell.found.source, cell.found.crop.path)
            holders = self._elsewhere.get(sha256, set())
            if sha256 in first:
                self._note(path, code, f"the same picture as {first[sha256]}", kept=False)
            elif code in holders:
                self._note(path, code, "imported before", kept=False)
            else:
                if holders:
                    whose = ", ".join(sorted(holders, key=natural_key))
                    self._note(path, code, f"the same picture is also of {whose}", kept=True)
                first[sha256] = path
                slides[slide].append(cell)
        for sha256 in first:
            self._elsewhere.setdefault(sha256, set()).add(code)
        return tuple(
            PlannedSlide(code=slide, cells=tuple(slides[slide]))
            for slide in sorted(slides, key=natural_key)
        )

    def _note(self, path: str, patient: str, reason: str, *, kept: bool) -> None:
        self.duplicates.append(Duplicate(path=path, patient=patient, reason=reason, kept=kept))

    def _check_site(self, code: str) -> bool:
        known = self._catalogue.known_patient(code) if self._catalogue else None
        if known and known.site and self._site and known.site != self._site:
            raise UserError(
                f"Patient {code} is already here from another site",
                f"{known.site}, not {self._site}",
                "Import without naming a site, or rename the patient's folder.",
            )
        return known is not None

    def _known(self, sha256s: Iterable[str]) -> dict[str, set[str]]:
        holders: dict[str, set[str]] = {}
        waiting = iter(sha256s)
        while self._catalogue and (chunk := list(islice(waiting, _SHAS_AT_ONCE))):
            holders.update(self._catalogue.patients_with_shas(chunk))
        return holders
