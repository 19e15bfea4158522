"""Whether an installed program can do its job: a rendered patient taken through all of it.

``wbc-desktop --self-check`` runs the steps in a folder of its own, with the program's own model and
without a network, so that whoever installs the program knows at once that nothing is missing in
it. To check one more thing, add a method to ``SelfCheck`` and a line to ``steps``.
"""

from collections.abc import Callable
from pathlib import Path

from model.rendering.renderer import DEMO_MIX, SITES, render_patient
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.training.job import JobKind, JobState
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.inference.reclassify import classify_workspace
from wbc_desktop.services.models.registry import open_active
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.services.training import jobs
from wbc_desktop.services.training.training_snapshot import freeze_labels, start_job
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

CELLS = 48
LABELLED = 30
_SEED = 20
_JOB_S = 600.0
_SITE = "demo"


class SelfCheckError(Exception):
    """A step ran and its result is not what it must be; the message says what it is."""


class SelfCheck:
    """One patient on the way through the program.

    Args:
        folder: Empty; everything is written in there. Its name may hold any character.
        paint: Paints the window off the screen and returns a line about it; raises if it cannot.
    """

    def __init__(self, folder: Path, *, paint: Callable[[], str]) -> None:
        self._folder = folder
        self._patient = folder / "P-0001"
        self._paint = paint
        self._drawn: dict[str, str] = {}  # class by the path of the crop in the patient's folder
        self._session: Session | None = None

    @property
    def steps(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        """Name and act of each step, in order; an act returns a line about what it did."""
        return (
            ("render", self.render),
            ("import", self.bring_in),
            ("classify", self.classify),
            ("label", self.label),
            ("undo", self.undo),
            ("export", self.export),
            ("verify", self.verify),
            ("adapt", self.adapt),
        )

    @property
    def session(self) -> Session:
        """The session on the workspace, which is made when it is first asked for."""
        if self._session is None:
            workspace = Workspace.open(self._folder / "workspace", create=True)
            self._session = Session(workspace, reader="Self-check", taxonomy=taxonomy_v1())
        return self._session

    @property
    def cells(self) -> tuple[CellRecord, ...]:
        """Every cell of the workspace, as it is now."""
        return tuple(self.session.workspace.catalogue.cells.all())

    def close(self) -> None:
        """Close the workspace."""
        if self._session is not None:
            self._session.workspace.close()
            self._session = None

    def render(self) -> str:
        """Draw the cells, and the window."""
        slide = self._patient / "slide 1"
        slide.mkdir(parents=True)
        for number, (name, jpeg) in enumerate(
            render_patient(SITES[_SITE], DEMO_MIX, n=CELLS, seed=_SEED)
        ):
            file = slide / f"{number:03d}.jpg"
            file.write_bytes(jpeg)
            self._drawn[file.name] = name
        _check(len(self._drawn), CELLS, "cells drawn")
        return f"{CELLS} cells drawn; {self._paint()}"

    def bring_in(self) -> str:
        """Import them."""
        workspace = self.session.workspace
        options = ImportOptions(site=_SITE, um_per_px=SITES[_SITE].um_per_px)
        plan = read_plan([self._patient], options=options, workspace=workspace)
        done = execute_plan(plan, self.session)
        _check(len(done.failed), 0, "cells that could not be stored")
        _check(len(self.cells), CELLS, "cells in the workspace")
        return f"{CELLS} cells imported"

    def classify(self) -> str:
        """Let the model say what they are."""
        workspace = self.session.workspace
        predictor = open_active(workspace, self.session.taxonomy)
        for _step in classify_workspace(self.session, predictor):
            pass
        rows = self.cells
        _check(sum(row.predicted is not None for row in rows), CELLS, "cells classified")
        right = sum(row.predicted == self._drawn[Path(row.image_path).name] for row in rows)
        if right < CELLS / 2:
            raise SelfCheckError(f"only {right} of {CELLS} drawn cells are recognised")
        return f"{CELLS} cells by {predictor.model_id} on {predictor.engine_name}, {right} as drawn"

    def label(self) -> str:
        """Give cells their class, as a reader does."""
        by_class: dict[str, list[int]] = {}
        for row in self.cells[:LABELLED]:
            by_class.setdefault(self._drawn[Path(row.image_path).name], []).append(row.id)
        for name, cells in by_class.items():
            self.session.do(Relabel(tuple(cells), name, ReviewMode.SINGLE))
        _check(self._labelled(), LABELLED, "labels")
        return f"{LABELLED} cells labelled with {len(by_class)} classes"

    def undo(self) -> str:
        """Take the last step back, and do it again."""
        self.session.undo()
        left = self._labelled()
        if left >= LABELLED:
            raise SelfCheckError("the undone labels are still there")
        self.session.redo()
        _check(self._labelled(), LABELLED, "labels after redo")
        return f"{LABELLED - left} labels taken back and given again"

    def export(self) -> str:
        """Write the table of cells, the differential and a training set."""
        export(self.session, self._folder / "counts.csv", what=ExportKind.DIFFERENTIAL)
        taught = export(self.session, self._folder / "labels.h5", what=ExportKind.TRAINING_HDF5)
        _check(taught.written.rows, LABELLED, "cells in the training set")
        done = export(self.session, self._folder / "cells.csv")
        _check(done.written.rows, CELLS, "rows in the CSV")
        lines = done.written.path.read_text(encoding="utf-8").count("\n")
        _check(lines, CELLS + 1, "lines in the file")
        return f"{done.written.rows} rows in {done.written.path.name}"

    def verify(self) -> str:
        """Check the audit log against the labels."""
        report = verify(self.session.workspace, self.session.taxonomy)
        if not report.ok:
            raise SelfCheckError(report.problems[0])
        return f"{report.n_events} events agree with every label"

    def adapt(self) -> str:
        """Let a job of its own process learn from the labels, and judge what it has made."""
        workspace, taxonomy = self.session.workspace, self.session.taxonomy
        *_, last = freeze_labels(workspace, taxonomy, kind=JobKind.ADAPT)
        if last.snapshot is None:
            raise SelfCheckError("the labels were not frozen")
        job = start_job(self.session, last.snapshot)
        running = jobs.launch(workspace, job)
        code = running.wait(_JOB_S)
        if code is None:
            jobs.cancel(job)
            raise SelfCheckError(f"the job did not end within {_JOB_S:.0f} s")
        if code or job.folder.state() is not JobState.FINISHED:
            raise SelfCheckError(f"the job ended with {code} and is {job.folder.state().value}")
        verdict = jobs.evaluate_job(workspace, job, taxonomy)
        entry = jobs.finish_job(self.session, job, verdict)
        return f"{entry.model_id} made from {entry.labels} labels by a process of its own"

    def _labelled(self) -> int:
        return sum(row.review is not None for row in self.cells)


def _check(found: int, wanted: int, what: str) -> None:
    if found != wanted:
        raise SelfCheckError(f"{found} {what}, not {wanted}")
