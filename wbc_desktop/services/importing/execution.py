"""The import itself: crops into ``crops.db``, then their rows, patient by patient."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TypeAlias

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.importing.commands import (
    DropUnfinishedPatients,
    FinishPatient,
    StageCells,
)
from wbc_desktop.services.importing.ordered_parallel import map_ordered
from wbc_desktop.services.importing.plan import ImportPlan, PlannedCell, PlannedPatient
from wbc_desktop.services.importing.progress import ImportProgress, ProgressMeter, Stage
from wbc_desktop.services.importing.scan import reason_of, unreachable
from wbc_desktop.services.session.commands import SystemCommand
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.crops import CropStore, PreparedCrop, StoredCrop, content_hash, prepare
from wbc_desktop.store.records import NewCell
from wbc_desktop.store.sources.base import Problem, Reader
from wbc_desktop.store.workspace import Workspace

CHUNK = 200

ImportStep: TypeAlias = SystemCommand | ImportProgress
_Result: TypeAlias = tuple[str, PlannedCell, PreparedCrop | Problem]


def import_steps(plan: ImportPlan, workspace: Workspace) -> Generator[ImportStep, None, None]:
    """Carry out a plan, on any thread; the caller records what it yields.

    Files that changed or went away since the dry run are left out and reported in the progress.
    Cancel by closing the generator and recording ``DropUnfinishedPatients``: whole patients stay.
    The same is due after an error; ``execute_plan`` does all of this.

    Args:
        plan: From ``read_plan``, for this workspace.
        workspace: Where the cells go; only its ``crops.db`` is written here.

    Yields:
        Commands for ``Session.record``, to be recorded in this order, and progress.

    Raises:
        UserError: If another import runs, the disk refuses, or the images went away.
    """
    meter = ProgressMeter(stage=Stage.STORING, total=plan.n_new)
    with workspace.import_lock(), ExitStack() as stack:
        readers = [stack.enter_context(source.opened()) for source in plan.scan.sources]
        run = _Run(plan=plan, readers=readers, crops=workspace.crops, meter=meter)
        for patient in plan.patients:
            yield from run.patient(patient)


def execute_plan(
    plan: ImportPlan,
    session: Session,
    *,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportProgress:
    """Carry out a plan on this thread and record it.

    Args:
        plan: From ``read_plan``, for the session's workspace.
        session: Records the import.
        progress: Called with each progress; an exception it raises cancels.

    Returns:
        The last progress, which names what could not be stored.

    Raises:
        UserError: As ``import_steps``; the patients finished until then stay.
    """
    last = ProgressMeter(stage=Stage.STORING).report(0)
    try:
        with closing(import_steps(plan, session.workspace)) as steps:
            for step in steps:
                if isinstance(step, ImportProgress):
                    last = step
                    if progress is not None:
                        progress(step)
                else:
                    session.record(step)
    except BaseException:
        session.record(DropUnfinishedPatients())
        raise
    return last


@dataclass(eq=False, kw_only=True)
class _Run:
    """One import under way."""

    plan: ImportPlan
    readers: list[Reader]
    crops: CropStore
    meter: ProgressMeter
    done: int = 0
    failed: tuple[Problem, ...] = ()

    def patient(self, patient: PlannedPatient) -> Generator[ImportStep, None, None]:
        cells = [(slide.code, cell) for slide in patient.slides for cell in slide.cells]
        chunk: list[_Result] = []
        staged = 0
        with closing(map_ordered(lambda item: self._prepared(item[1]), cells)) as results:
            for (slide, cell), result in zip(cells, results, strict=True):
                chunk.append((slide, cell, result))
                self.done += 1
                if len(chunk) == CHUNK:
                    staged += yield from self._stage(patient, chunk, first=staged == 0)
                    chunk = []
                elif self.meter.due():
                    yield self._progress(patient)
            staged += yield from self._stage(patient, chunk, first=staged == 0)
        if staged:
            yield FinishPatient(patient=patient.code, source=self._source_of(patient))
        yield self._progress(patient)

    def _stage(
        self, patient: PlannedPatient, chunk: list[_Result], *, first: bool
    ) -> Generator[ImportStep, None, int]:
        """Store a chunk's crops and hand out its rows; return how many there are."""
        rows = self._store(chunk)
        if rows:
            site = self.plan.options.site
            yield StageCells(patient=patient.code, site=site, cells=rows, first=first)
        return len(rows)

    def _progress(self, patient: PlannedPatient) -> ImportProgress:
        return self.meter.report(self.done, patient=patient.code, failed=self.failed)

    def _prepared(self, cell: PlannedCell) -> PreparedCrop | Problem:
        found = cell.found
        try:
            encoded = self.readers[found.source].read(found.crop)
            if content_hash(encoded) != found.sha256:
                return Problem(found.crop.path, "it changed since the dry run")
            if found.thumbnail is None:
                return prepare(encoded, name=found.crop.path)
        except UserError as error:
            return Problem(found.crop.path, reason_of(error))
        stored = StoredCrop(sha256=found.sha256, width=found.width, height=found.height)
        return PreparedCrop(stored=stored, encoded=encoded, thumbnail=found.thumbnail)

    def _store(self, chunk: list[_Result]) -> tuple[NewCell, ...]:
        rows: list[NewCell] = []
        crops: list[PreparedCrop] = []
        for slide, cell, result in chunk:
            if isinstance(result, Problem):
                self._fail(cell, result)
                continue
            crops.append(result)
            rows.append(
                NewCell(
                    slide=slide,
                    image_path=cell.found.crop.path,
                    image_sha256=cell.found.sha256,
                    source_label=cell.label,
                    um_per_px=cell.um_per_px,
                )
            )
        self.crops.add_many(crops)  # before the rows: a crop without a row is harmless
        return tuple(rows)

    def _fail(self, cell: PlannedCell, problem: Problem) -> None:
        scan = self.plan.scan
        source = scan.sources[cell.found.source]
        if not source.reachable():
            raise unreachable(source)
        shown = scan.shown(cell.found.source, problem.path)
        self.failed = (*self.failed, Problem(shown, problem.reason))

    def _source_of(self, patient: PlannedPatient) -> str:
        used = dict.fromkeys(cell.found.source for s in patient.slides for cell in s.cells)
        return ", ".join(self.plan.scan.sources[index].name for index in used)
