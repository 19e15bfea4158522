"""Learning from the labels of a workspace, and which model it works with, for one workspace."""

from typing import TYPE_CHECKING

from wbc_desktop.gui.context import AppContext
from wbc_desktop.gui.embedding.embedding_controller import EmbeddingController
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.models.active_model_controller import ModelController
from wbc_desktop.gui.models.classify_controller import ClassifyController
from wbc_desktop.gui.models.models_controller import ModelsController
from wbc_desktop.gui.training.training_controller import TrainingController
from wbc_desktop.gui.training.training_pages import TrainingPages

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.session import Session


class Learning:
    """Training, promotion and the list of models, put together.

    Attributes:
        pages: What the training panel shows.
        models: Promotes a model and rolls back.
        list: The dialog of all models.
        training: Adapts and fine-tunes.

    Args:
        session: Of the open workspace.
        around: The window and what else stays.
        browser: The cells shown.
        classify: Classifies anew after a change of the model.
        embeddings: Of the model in use.
    """

    def __init__(
        self,
        session: "Session",
        around: AppContext,
        *,
        browser: CellBrowser,
        classify: ClassifyController,
        embeddings: EmbeddingController,
    ) -> None:
        from wbc_desktop.services.training.requirements import why_not

        window = around.window
        if why := why_not():
            window.commands.forbid("finetune", f"{why}. Adapting works without it.")
        self.pages = TrainingPages(window, taxonomy=session.taxonomy)
        self.models = ModelController(
            session=session,
            classify=classify,
            embeddings=embeddings,
            runner=around.runner,
            window=window,
            pages=self.pages,
            explain=around.dialogs.error,
            on_error=around.on_error,
        )
        self.list = ModelsController(session=session, around=around, models=self.models)
        self.training = TrainingController(
            session=session,
            browser=browser,
            runner=around.runner,
            window=window,
            pages=self.pages,
            ensure_reader=around.ensure_reader,
            promote=self.models.promote,
            on_error=around.on_error,
        )

    def close(self) -> None:
        """Let go of the window; a training goes on."""
        self.training.close()
        self.list.close()
        self.models.close()
        self.pages.close()
