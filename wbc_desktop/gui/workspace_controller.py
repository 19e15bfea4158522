"""One open workspace on the window: its session, its cells and the controllers that act on them.

It lives as long as its workspace is open. It hears every change of the session and repaints
what that change names; it decides nothing about labels itself.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.cells import differential
from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.arrangement import SortKey
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.gui.compare.compare_controller import CompareController
from wbc_desktop.gui.compare.reference_controller import ReferenceController, ReferenceLibrary
from wbc_desktop.gui.context import AppContext, in_workspace
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.embedding.map_controller import EmbeddingMapController
from wbc_desktop.gui.embedding.similar_cells import SimilarCells
from wbc_desktop.gui.filter.filter_controller import FilterController
from wbc_desktop.gui.filter.saved_views import SavedViewsController
from wbc_desktop.gui.gallery.cell_browser import CellBrowser, why_empty
from wbc_desktop.gui.gallery.crop_loader import crop_loader
from wbc_desktop.gui.history.history_controller import HistoryController
from wbc_desktop.gui.inspector.inspector_controller import InspectorController
from wbc_desktop.gui.models.active_model_controller import (
    ActiveModelController,
    mark_rendered_only,
)
from wbc_desktop.gui.models.classify_controller import ClassifyController
from wbc_desktop.gui.models.models_controller import ModelsController
from wbc_desktop.gui.patients.slide_quality import SlideQualityController
from wbc_desktop.gui.review.attribute_controller import AttributeController
from wbc_desktop.gui.review.review_controller import ReviewWorkflow
from wbc_desktop.gui.startup import forget_sources
from wbc_desktop.gui.taxonomy.taxonomy_controller import ClassEditGuard
from wbc_desktop.gui.training.training_controller import TrainingController
from wbc_desktop.gui.training.training_presenter import TrainingPresenter
from wbc_desktop.gui.transfer.export_controller import ExportController
from wbc_desktop.gui.transfer.import_controller import ImportController

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.session import Session
    from wbc_desktop.store.workspace import Workspace

_SOON_MS = 400


class WorkspaceController(Controller):
    """Shows one workspace and lets the reader act on it.

    Args:
        app: The window and what else stays.
        session: Of the open workspace.
        index: All its cells, read before the workspace that was open is closed: one that cannot
            be read leaves the window as it was.
    """

    def __init__(self, app: AppContext, session: "Session", index: CellIndex) -> None:
        super().__init__()
        self.session = session
        self.workspace: Workspace = session.workspace
        self._window = app.window
        self.browser = CellBrowser(
            self.workspace.catalogue,
            app.taxonomy,
            sort=SortKey[app.settings.text("sort").upper()],
            group=GroupBy[app.settings.text("group").upper()],
            index=index,
        )
        self.context = in_workspace(
            app, session=session, browser=self.browser, refresh=self.refresh
        )
        self.review_workflow = ReviewWorkflow(self.context)
        self.review = self.review_workflow.review
        self.attributes = AttributeController(self.context, review=self.review)
        self._make_jobs()
        self._make_views()
        self._pictures_failed = False
        self._later = QTimer(app.window, singleShot=True)
        self._later.timeout.connect(self._load_intervals)
        self._later.timeout.connect(self.classify.offer_to_go_on)
        self.on_close(self._later.deleteLater)
        self.on_close(session.subscribe(self._take))
        self._connect_views()
        self._show_everything()
        self._make_neighbours()
        self._make_training()

    def stop(self) -> None:
        """Stop whatever is running."""
        self._later.stop()
        self.importing.stop()
        self.classify.stop()
        self.embeddings.stop()

    def close(self) -> None:
        """Let go of the window and close the workspace. No worker may be running any more."""
        self.attributes.close()
        self.compare.close()
        self.references.close()
        super().close()
        self._later.deleteLater()  # else the window keeps one of each workspace
        for controller in (self.training, self.models, self.active_model, self.training_panel):
            controller.close()
        self.history.close()
        self.views.close()
        self.filter.close()
        self.inspector.close()
        self.similar.close()
        self.map.close()
        self.review_workflow.close()
        self._window.banner.hide()
        self._window.gallery.set_loader(None)
        self.workspace.close()

    def refresh(self) -> None:
        """Take note of what other programs have written meanwhile, such as ``wbc label``."""
        try:
            self.session.refresh()
        except UserError as error:
            self._window.notice.warn(str(error))

    def show_undo(self) -> None:
        """Bring undo and redo in line with the session, also after the reader's name changed."""
        self._window.show_undo(self.session.undo_text, self.session.redo_text)

    def _make_jobs(self) -> None:
        """Make what runs for a while: classifying, importing, exporting."""
        self.classify = ClassifyController(self.context, on_batch=self._take_batch)
        self.importing = ImportController(self.context, on_imported=self.classify.start)
        self.guard = ClassEditGuard(self.importing, self.classify)
        self.session.check_classes = self.guard.check
        self.exporting = ExportController(self.context)

    def _make_views(self) -> None:
        """Make what finds and shows cells in the gallery and beside it."""
        self.quality = SlideQualityController(self.context)
        self.filter = FilterController(self.context, on_slides_chosen=self.quality.choose)
        self.views = SavedViewsController(self.context, filter_=self.filter)
        self.embeddings = EmbeddingController(self.context, busy=lambda: self.classify.running)
        self.classify.subscribe(self.embeddings.tell_idle)
        self.similar = SimilarCells(self.context, filter_=self.filter, embeddings=self.embeddings)
        self.map = EmbeddingMapController(self.context, embeddings=self.embeddings)
        self.inspector = InspectorController(
            self.context, embeddings=self.embeddings.embeddings, go_to=self._go_to
        )

    def _make_neighbours(self) -> None:
        """Make what lies over the gallery, in its place or next to it, for a while."""
        self.history = HistoryController(self.context)
        self.compare = CompareController(
            self.context, review=self.review, show_current=self._show_current
        )
        self.library = ReferenceLibrary(self.context)
        self.references = ReferenceController(
            self.context, remove=self.library.remove_one, show_undo=self.show_undo
        )

    def _make_training(self) -> None:
        """Make what learns from the labels, and what changes the model in use."""
        self.training_panel = TrainingPresenter(self.context)
        self.active_model = ActiveModelController(
            self.context,
            classify=self.classify,
            embeddings=self.embeddings,
            presenter=self.training_panel,
        )
        self.models = ModelsController(self.context, self.active_model)
        self.training = TrainingController(
            self.context, presenter=self.training_panel, promote=self.active_model.promote
        )

    def _connect_views(self) -> None:
        window = self._window
        for signal, slot in (
            (window.gallery.current_changed, self._show_current),
            (window.gallery.label_requested, self.review.label_cells),
            (window.gallery.thumbnails.failed, self._no_pictures),
            (window.gallery.activated, lambda _cell: window.inspector.crop.toggle_actual_size()),
            (window.classes.chosen, self.review.label),
            (window.classes.dropped, self.review.label_cells),
            (window.inspector.note_written, self.review.write_note),
            (window.banner.dismissed, self.quality.dismiss),
            (window.notice.undo_asked, self.review.undo),
            (window.notice.regroup_asked, self.regroup),
        ):
            self.connect(signal, slot)
        self.browser.subscribe(self._show_arrangement)

    def regroup(self) -> None:
        """Move newly classified cells into their groups."""
        self.browser.settle()
        self._window.notice.show_waiting(0)

    def _show_everything(self) -> None:
        window = self._window
        window.tree.show_patients((), icons=self.context.icons())  # forgets what was chosen before
        window.show_workspace(self.workspace.folder)
        mark_rendered_only(self.context)
        catalogue = self.workspace.catalogue
        window.gallery.set_loader(crop_loader(catalogue.cells.shas, self.workspace.crops))
        window.status.show_saved("Saved")
        self._show_patients()
        window.gallery.set_exact(differential.is_ready())
        self._show_arrangement()
        # Behind the pictures of the first screen, which the worker would slow down.
        self._later.start(_SOON_MS)
        self.show_undo()
        self._show_current(window.gallery.current_id())

    def _load_intervals(self) -> None:
        self.context.runner.call(
            differential.prepare,
            on_result=self._show_intervals,
            on_error=self.context.on_error,
            key="intervals",
        )

    def _show_intervals(self, _prepared: object) -> None:
        self._window.gallery.set_exact(True)
        forget_sources()  # of the library that computes them

    def _show_patients(self) -> None:
        window = self._window
        patients = self.workspace.catalogue.patients.all()
        window.tree.show_patients(patients, icons=self.context.icons())
        self.filter.take_patients(patients)
        sites = sorted({patient.site for patient in patients if patient.site})
        window.status.show_site(
            sites[0] if len(sites) == 1 else f"{len(sites)} sites" if sites else ""
        )
        window.show_cells(len(self.browser.index) > 0)
        self.quality.reload()
        self._show_counts()

    def _show_arrangement(self) -> None:
        window = self._window
        if not len(self.browser.arrangement):
            window.gallery.set_empty(*why_empty(self.browser.index, self.browser.filter))
        window.gallery.set_cells(
            self.browser.index, self.browser.arrangement, grouping=self.browser.grouping
        )
        window.filter_bar.show_counts(len(self.browser.arrangement), len(self.browser.index))
        self.filter.show()
        window.notice.show_waiting(self.browser.unsettled)
        self.review_workflow.refresh()
        self._show_counts()

    def _show_counts(self) -> None:
        window = self._window
        window.classes.show_counts(self.browser.class_counts())
        window.tree.show_progress(self.browser.slide_progress())

    def _show_current(self, cell_id: int | None) -> None:
        self.inspector.show(cell_id)

    def _go_to(self, cell_id: int) -> None:
        """Make a cell the chosen one, if it is among those shown."""
        gallery = self._window.gallery
        gallery.select([cell_id])
        if gallery.current_id() == cell_id:
            gallery.scroll_to(cell_id)
            gallery.setFocus()
        else:
            self._window.notice.say(
                "This cell is not among those shown. Show all cells with Ctrl+Shift+F."
            )

    def _no_pictures(self, _error: Exception) -> None:
        """Say it once; the log has each error."""
        if not self._pictures_failed:
            self._pictures_failed = True
            self._window.notice.warn(
                "Pictures of cells cannot be read. Check that the workspace is still at "
                f"{self.workspace.folder} and open it again with Ctrl+O."
            )

    def _take(self, changes: Changes) -> None:
        """Repaint what a change of the session names."""
        window = self._window
        if changes.kinds & Kind.SLIDES:
            self.quality.reload()
        if changes.kinds & Kind.CLASSES:
            # Later: whoever made the change must be done with this workspace first.
            QTimer.singleShot(0, window, self.context.on_taxonomy_changed)
        if changes.kinds & Kind.VOCABULARY:
            self.attributes.reload()
            self.filter.take_patients(self.context.catalogue.patients.all())
        streaming = self.classify.running and not changes.foreign
        if changes.kinds & Kind.PREDICTIONS and streaming:
            return  # our own batch: it comes through ``_take_batch``
        self.show_undo()
        if changes.kinds & (Kind.PATIENTS | Kind.PREDICTIONS):
            self.browser.reload()
            self.filter.show_arranging()
            self._show_patients()
        elif changes.kinds & (Kind.REVIEWS | Kind.FLAGS | Kind.NOTES | Kind.ATTRIBUTES):
            self.browser.take(changes)
            window.gallery.refresh_cells(changes.cell_ids)
            window.gallery.flash(changes.cell_ids if changes.reverts else ())
        current = window.gallery.current_id()
        if current is not None and current in changes.cell_ids:
            self._show_current(current)

    def _take_batch(self, cell_ids: Sequence[int]) -> None:
        self._show_counts()
        current = self._window.gallery.current_id()
        if current in cell_ids:
            self._show_current(current)
