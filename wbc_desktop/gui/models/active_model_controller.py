"""Which model classifies: promotes one, rolls back, and lets the cells be classified anew.

A model is opened once in a worker before it is promoted, so that one that cannot run here is
refused first. What a new classification changed is told by the training panel.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.models.classify_controller import ClassifyController
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.training.training_pages import TrainingPages
from wbc_desktop.gui.training.training_values import ChangeReport, Move

if TYPE_CHECKING:  # the window is painted before these load
    from wbc_desktop.services.inference.reclassify import Reclassified
    from wbc_desktop.services.session.session import Session


class ModelController:
    """Changes the model in use.

    Args:
        session: Records it.
        classify: Classifies the cells without a label anew.
        embeddings: To be read anew, as a model may see cells in another way.
        runner: Opens models in a worker.
        window: Names the model in use.
        pages: Show what changed.
        explain: Tells why it was not done.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        *,
        session: "Session",
        classify: ClassifyController,
        embeddings: EmbeddingController,
        runner: TaskRunner,
        window: MainWindow,
        pages: TrainingPages,
        explain: Callable[[UserError], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._classify, self._embeddings = classify, embeddings
        self._runner, self._window = runner, window
        self.pages = pages
        self._explain, self._on_error = explain, on_error
        self._changing = False  # the next report is of a change of the model
        self._unsubscribe = session.subscribe(self._take)
        classify.on_report = self._report
        self._name_model()

    @property
    def can_roll_back(self) -> bool:
        """True if a promotion stands."""
        from wbc_desktop.services.models.promotion import promotions

        return bool(promotions(self._session.workspace.catalogue))

    def promote(self, model_id: str, reason: str, done: Callable[[], None]) -> None:
        """Classify with another model from now on.

        Args:
            model_id: The model.
            reason: Why, where the rule advises against it.
            done: Called once it is promoted.
        """
        from wbc_desktop.services.models.registry import entry, open_model

        workspace, taxonomy = self._session.workspace, self._session.taxonomy

        def check() -> None:
            open_model(workspace, entry(workspace, model_id).sha256, taxonomy)

        def use(_opened: None) -> None:
            from wbc_desktop.services.models.promotion import promote

            promote(self._session, model_id, reason)
            done()
            self._classify_anew(model_id)

        self._runner.call(check, on_result=use, on_error=self._refused, place="promotion")

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
        self._classify_anew(self._active())

    def close(self) -> None:
        """Let go of the session."""
        self._unsubscribe()

    def _classify_anew(self, model_id: str) -> None:
        self._changing = True
        self.pages.show_changing(model_id, can_roll_back=self.can_roll_back)
        self.pages.show()
        self._classify.start()

    def _report(self, told: "Reclassified") -> None:
        if not self._changing:
            return
        self._changing = False
        names = self._session.taxonomy.by_id
        moves = tuple(Move(names[c.before].name, names[c.after].name, c.n) for c in told.changes)
        report = ChangeReport(model_id=told.model_id, total=told.cells, moves=moves)
        self.pages.show_changed(report, can_roll_back=self.can_roll_back)
        self._window.notice.say(told.text(self._session.taxonomy))

    def _take(self, changes: Changes) -> None:
        if changes.kinds & Kind.MODELS:
            self._embeddings.forget()
            self._name_model()

    def _active(self) -> str:
        from wbc_desktop.services.models.registry import active_ref

        return active_ref(self._session.workspace.catalogue).model_id

    def _name_model(self) -> None:
        try:
            self._window.status.show_model(self._active())
        except UserError as error:  # the workspace can still be read and labelled
            self._window.notice.warn(str(error))

    def _refused(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self._explain(error)
        else:
            self._on_error(error)
