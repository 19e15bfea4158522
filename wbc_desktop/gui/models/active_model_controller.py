"""Which model classifies: promotes one, rolls back, and lets the cells be classified anew.

A model is opened once in a worker before it is promoted, so that one that cannot run here is
refused first. What a new classification changed is told by the training panel.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.models.classify_controller import ClassifyController
from wbc_desktop.gui.training.training_presenter import TrainingPresenter
from wbc_desktop.gui.training.view_models import PredictionChange, ReclassificationView

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.services.inference.reclassify import ReclassificationReport


class ActiveModelController(Controller):
    """Changes the model in use.

    Args:
        context: The open workspace.
        classify: Classifies the cells without a label anew.
        embeddings: To be read anew, as a model may see cells in another way.
        presenter: Shows what changed.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        classify: ClassifyController,
        embeddings: EmbeddingController,
        presenter: TrainingPresenter,
    ) -> None:
        super().__init__()
        self._context = context
        self._session, self._window = context.session, context.window
        self._classify, self._embeddings = classify, embeddings
        self._presenter = presenter
        self._changing = False  # the next report is of a change of the model
        self.on_close(self._session.subscribe(self._take_changes))
        classify.on_report = self._report
        self._rendered_only = mark_rendered_only(context)
        self._show_name()

    @property
    def can_roll_back(self) -> bool:
        """True if a promotion stands."""
        from wbc_desktop.services.models.promotion import promotions

        return bool(promotions(self._context.catalogue))

    def promote(self, model_id: str, reason: str, done: Callable[[], None]) -> None:
        """Classify with another model from now on.

        Args:
            model_id: The model.
            reason: Why, where the rule advises against it.
            done: Called once it is promoted.
        """
        from wbc_desktop.services.models.registry import model_entry, open_model

        workspace, taxonomy = self._session.workspace, self._session.taxonomy

        def check() -> None:
            open_model(workspace, model_entry(workspace, model_id).sha256, taxonomy)

        def use(_opened: None) -> None:
            from wbc_desktop.services.models.promotion import promote

            promote(self._session, model_id, reason)
            done()
            self._reclassify(model_id)

        self._context.runner.call(check, on_result=use, on_error=self._refused, key="promotion")

    def roll_back(self, done: Callable[[str], None] = lambda _text: None) -> None:
        """Use the model of before again.

        Args:
            done: Called with what was done.
        """
        from wbc_desktop.services.models.promotion import RollBack

        try:
            changes = self._session.record(RollBack())
        except UserError as error:
            self._window.notice.warn(str(error))
            return
        self._window.notice.say(f"{changes.text}.")
        done(f"{changes.text}.")
        self._reclassify(self._active_id())

    def _reclassify(self, model_id: str) -> None:
        self._changing = True
        self._presenter.show_reclassifying(model_id, can_roll_back=self.can_roll_back)
        self._presenter.show()
        self._classify.start()

    def _report(self, told: "ReclassificationReport") -> None:
        if not self._changing:
            return
        self._changing = False
        names = self._session.taxonomy.by_id
        changes = tuple(
            PredictionChange(names[c.before].name, names[c.after].name, c.n) for c in told.changes
        )
        view = ReclassificationView(model_id=told.model_id, total=told.cells, changes=changes)
        self._presenter.show_reclassified(view, can_roll_back=self.can_roll_back)
        self._window.notice.say(told.text(self._session.taxonomy))

    def _take_changes(self, changes: Changes) -> None:
        if changes.kinds & Kind.MODELS:
            self._embeddings.forget()
            self._show_name()
            before, self._rendered_only = self._rendered_only, mark_rendered_only(self._context)
            if self._rendered_only != before:
                self._context.browser.settle()  # the gallery marks the cells that it is given

    def _active_id(self) -> str:
        from wbc_desktop.services.models.registry import active_ref

        return active_ref(self._context.catalogue).model_id

    def _show_name(self) -> None:
        try:
            self._window.status.show_model(self._active_id())
        except UserError as error:  # the workspace can still be read and labelled
            self._window.notice.warn(str(error))

    def _refused(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._context.dialogs.error(error)
        else:
            self._context.on_error(error)


def mark_rendered_only(context: WorkspaceContext) -> frozenset[str]:
    """Mark the classes that the active model knows from rendered cells only, and return them.

    The gallery shows it with the next cells that it is given.
    """
    from wbc_desktop.services.inference.rendered_only import rendered_only

    classes = rendered_only(context.workspace, context.taxonomy)
    window, ordinals = context.window, context.taxonomy.ordinals
    window.gallery.set_rendered_only(frozenset(ordinals[name] for name in classes))
    window.inspector.set_rendered_only(classes)
    return classes
