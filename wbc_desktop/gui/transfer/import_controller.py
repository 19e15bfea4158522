"""Imports a folder or file: looks first, shows the plan, then imports in a worker."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.transfer.import_dialog import NO_LABELS, ImportDialog
from wbc_desktop.gui.workspace.workspace_folders import short_name

if TYPE_CHECKING:  # the window is painted before the import loads
    from wbc_desktop.gui.tasks import Task
    from wbc_desktop.services.importing.execution import ImportStep
    from wbc_desktop.services.importing.options import ImportOptions
    from wbc_desktop.services.importing.plan import ImportPlan
    from wbc_desktop.services.importing.progress import ImportProgress
    from wbc_desktop.services.importing.scan import ScanResult
    from wbc_desktop.services.support.demo import DemoFolder

_PATTERNS = ("*.zip", "*.csv", "*.h5", "*.hdf5", "*.npz")


class ImportController:
    """One import at a time: scan, dry run, import.

    Args:
        context: The window and the open workspace.
        on_imported: Called when an import ended and cells were added.
    """

    def __init__(self, context: WorkspaceContext, *, on_imported: Callable[[], None]) -> None:
        self._session, self._runner = context.session, context.runner
        self._window, self._dialogs = context.window, context.dialogs
        self._settings, self._on_error = context.settings, context.on_error
        self._on_imported = on_imported
        self._looking: Task | None = None
        self._task: Task | None = None
        self._dialog: ImportDialog | None = None
        self._scan: ScanResult | None = None
        self._plan: ImportPlan | None = None
        self._last: ImportProgress | None = None
        self._staged = False  # rows of a patient who is not finished are in the database
        self._added = False  # a whole patient was stored by the present import

    @property
    def dialog(self) -> ImportDialog | None:
        """The dry run on the screen, or None."""
        return self._dialog

    @property
    def staged(self) -> bool:
        """True while a patient is stored in part; nobody sees these cells yet."""
        return self._staged

    @property
    def running(self) -> bool:
        """True while files are looked at or imported."""
        return self._looking is not None or self._task is not None

    def choose_folder(self) -> None:
        """Ask for a patient folder and look at it."""
        folder = self._dialogs.choose_folder(
            "Import patient folder", start=self._settings.text("last_folder")
        )
        if folder is not None:
            self.begin([folder])

    def choose_file(self) -> None:
        """Ask for an archive, a manifest or an array file and look at it."""
        file = self._dialogs.choose_file(
            "Import file", start=self._settings.text("last_folder"), patterns=_PATTERNS
        )
        if file is not None:
            self.begin([file])

    def begin(self, paths: Sequence[Path]) -> None:
        """Look at folders and files, and show what importing them would do."""
        if self._refused():
            return
        self._settings.set("last_folder", str(paths[0].parent.absolute()))
        names = ", ".join(path.name for path in paths[:3]) + (" …" if len(paths) > 3 else "")
        dialog = ImportDialog(names, site=self._settings.text("last_site"), parent=self._window)
        dialog.setWindowTitle(f"Import into “{short_name(self._session.workspace.folder)}”")
        dialog.options_changed.connect(self._plan_again)
        dialog.finished.connect(self._answered)
        self._dialog = dialog
        self._scan_paths(paths, on_scan=self._show_scan)
        dialog.open()

    def import_demo(self, demo: "DemoFolder") -> None:
        """Import the demo patient without a question."""
        if not self._refused():
            from wbc_desktop.services.importing.options import ImportOptions
            from wbc_desktop.services.support.demo import SITE

            options = ImportOptions(site=SITE, um_per_px=demo.um_per_px)
            self._scan_paths([demo.patient], on_scan=lambda s: self._run(self._made(s, options)))

    def stop(self) -> None:
        """Stop looking or importing; patients imported wholly stay."""
        if self._dialog is not None:
            self._dialog.reject()
        for task in (self._looking, self._task):
            if task is not None:
                task.cancel()

    def _refused(self) -> bool:
        if self.running or self._dialog is not None:
            self._window.notice.warn("An import is running. Wait for it or stop it with Ctrl+.")
            return True
        return False

    def _scan_paths(
        self, paths: Sequence[Path], *, on_scan: "Callable[[ScanResult], None]"
    ) -> None:
        def look() -> "Generator[ImportProgress | ScanResult, None, None]":
            from wbc_desktop.services.importing.scan import scan_paths

            scan = yield from scan_paths(paths)
            yield scan

        def take(item: "ImportProgress | ScanResult") -> None:
            from wbc_desktop.services.importing.progress import ImportProgress

            if not isinstance(item, ImportProgress):
                on_scan(item)
            elif self._dialog is not None:
                self._dialog.show_progress(item)

        self._looking = self._runner.run(
            look, on_item=take, on_error=self._no_scan, on_left=self._leave_scan
        )

    def _no_scan(self, error: Exception) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self._on_error(error)

    def _leave_scan(self) -> None:
        self._looking = None

    def _show_scan(self, scan: "ScanResult") -> None:
        self._scan = scan
        self._plan_again()

    def _plan_again(self) -> None:
        """Make the plan anew from what was found, in a worker."""
        scan, dialog = self._scan, self._dialog
        if scan is None or dialog is None:
            return
        try:
            options = _options(dialog)
        except UserError as error:
            dialog.show_refusal(str(error))
            return
        self._runner.call(
            lambda: self._made(scan, options),
            on_result=self._show_plan,
            on_error=self._no_plan,
            key="import plan",
        )

    def _made(self, scan: "ScanResult", options: "ImportOptions") -> "ImportPlan":
        from wbc_desktop.services.importing.planning import make_plan

        return make_plan(
            scan,
            options=options,
            workspace=self._session.workspace,
            taxonomy=self._session.taxonomy,
        )

    def _show_plan(self, plan: "ImportPlan") -> None:
        if self._dialog is not None:
            self._plan = plan
            self._dialog.show_plan(plan)

    def _no_plan(self, error: Exception) -> None:
        if isinstance(error, UserError) and self._dialog is not None:
            self._plan = None
            self._dialog.show_refusal(str(error))
        else:
            self._no_scan(error)

    def _answered(self, agreed: int) -> None:
        dialog, plan = self._dialog, self._plan
        self._dialog = self._scan = self._plan = None
        if dialog is not None:
            dialog.deleteLater()
        if not agreed:
            if self._looking is not None:
                self._looking.cancel()
        elif plan is not None:
            self._settings.set("last_site", plan.options.site)
            self._run(plan)

    def _run(self, plan: "ImportPlan") -> None:
        """Import in a worker and record on this thread."""

        def work() -> "Generator[ImportStep, None, None]":
            from wbc_desktop.services.importing.execution import import_steps

            yield from import_steps(plan, self._session.workspace)

        self._last = None
        self._staged = self._added = False
        self._window.status.show_progress("Importing", done=0, total=plan.n_new)
        self._task = self._runner.run(
            work,
            on_item=self._take,
            on_error=self._on_error,
            on_left=self._leave,
        )

    def _take(self, step: "ImportStep") -> None:
        from wbc_desktop.services.importing.commands import FinishPatient
        from wbc_desktop.services.importing.progress import ImportProgress

        if not isinstance(step, ImportProgress):
            self._session.record(step)
            finished = isinstance(step, FinishPatient)
            self._staged, self._added = not finished, self._added or finished
            return
        self._last = step
        self._window.status.show_progress(
            f"Importing {step.patient}",
            done=step.done,
            total=step.total,
            rate=step.rate,
            eta_s=step.eta_s,
        )

    def _leave(self) -> None:
        from wbc_desktop.services.importing.commands import DropUnfinishedPatients

        stopped = self._task is not None and self._task.cancelled.is_set()
        self._task = None
        if self._staged:  # else another program's import might be the one under way
            self._session.record(DropUnfinishedPatients())
            self._staged = False
        self._window.status.end_progress()
        failed = self._last.failed if self._last is not None else ()
        if stopped:
            self._window.notice.warn(
                "Import stopped. Patients imported wholly stay, others do not."
            )
            return
        if failed:
            self._window.notice.warn(
                f"{len(failed):,} files could not be imported, first {failed[0].path}: "
                f"{failed[0].reason}."
            )
        if self._added:
            self._on_imported()


def _options(dialog: ImportDialog) -> "ImportOptions":
    from wbc_desktop.services.importing.options import FolderLayout, ImportOptions, LabelsFrom

    return ImportOptions(
        layout=FolderLayout(dialog.folder_layout),
        labels=None if dialog.labels == NO_LABELS else LabelsFrom(dialog.labels),
        site=dialog.site,
        um_per_px=dialog.um_per_px,
    )
