"""Opens the class editor on the open workspace, and lets classes out to a file and in from one.

While an import or a classification is under way the classes stay as they are: after they have
changed a workspace is shown anew, which would cut such work short.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.taxonomy.taxonomy_editor import TaxonomyEditor

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.gui.context import AppContext
    from wbc_desktop.gui.models.classify_controller import ClassifyController
    from wbc_desktop.gui.transfer.import_controller import ImportController
    from wbc_desktop.gui.workspace_controller import WorkspaceController


class TaxonomyController:
    """Holds the editor while it is open, also while its changes make the workspace show anew.

    Args:
        context: The window.
        open_workspace: Gives the controller of the open workspace, or None.
    """

    def __init__(
        self,
        context: "AppContext",
        *,
        open_workspace: "Callable[[], WorkspaceController | None]",
    ) -> None:
        self._window, self._open_workspace = context.window, open_workspace
        self._dialogs, self._settings = context.dialogs, context.settings
        self._ensure_reader = context.ensure_reader
        self.editor: TaxonomyEditor | None = None
        context.window.closing.connect(self.close)

    def open(self) -> None:
        """Show the editor, or bring it to the front."""
        if self._open_workspace() is None:
            self._window.notice.warn("No workspace is open. Open one with Ctrl+O.")
            return
        if self.editor is None:
            self.editor = TaxonomyEditor(
                lambda: self._present().session,
                count=self._count,
                may_edit=self._may_edit,
                parent=self._window,
            )
            self.editor.import_asked.connect(self._import)
            self.editor.export_asked.connect(self._export)
            self.editor.undo_asked.connect(self._undo)
        self.editor.refresh()
        self.editor.show()
        self.editor.raise_()
        self.editor.activateWindow()

    def refresh(self) -> None:
        """Show the classes of the workspace that is open now."""
        if self.editor is not None and self.editor.isVisible():
            said = self.editor.said
            self.editor.refresh()
            self.editor.say(said)

    def close(self) -> None:
        """Put the editor away; a window of its own would keep the program running."""
        if self.editor is not None:
            self.editor.close()

    def _count(self) -> Mapping[str, int]:
        browser = self._present().browser
        n = np.bincount(browser.index.current() + 1, minlength=len(browser.taxonomy.classes) + 1)
        return {c.id: int(n[i]) for i, c in enumerate(browser.taxonomy.classes, start=1)}

    def _may_edit(self) -> bool:
        self._present().guard.check()  # before it asks for a name
        return self._ensure_reader()

    def _undo(self) -> None:
        open_workspace = self._present()
        try:
            changes = open_workspace.session.undo()
        except UserError as error:
            self._say(str(error), rank="danger")
            return
        self.refresh()
        self._say(f"{changes.text}.")

    def _import(self) -> None:
        from wbc_desktop.services.session.class_files import read_classes

        path = self._dialogs.choose_file(
            "Take over classes",
            start=str(self._folder()),
            patterns=("*.json",),
            what="Classes",
        )
        if path is None or self.editor is None:
            return
        self._settings.set("last_folder", str(path.parent))
        try:
            self.editor.do(read_classes(path))
        except UserError as error:
            self._say(str(error), rank="danger")

    def _export(self) -> None:
        from wbc_desktop.services.session.class_files import write_classes

        path = self._dialogs.choose_target(
            "Write the classes to a file",
            start=str(self._folder() / "classes.json"),
            suffix="json",
        )
        if path is None:
            return
        self._settings.set("last_folder", str(path.parent))
        try:
            write_classes(self._present().session.taxonomy, path)
        except UserError as error:
            self._say(str(error), rank="danger")
            return
        self._say(f"Wrote {path}.")

    def _folder(self) -> Path:
        return Path(self._settings.text("last_folder") or Path.home())

    def _say(self, text: str, *, rank: str = "second") -> None:
        if self.editor is not None:
            self.editor.say(text, rank=rank)

    def _present(self) -> "WorkspaceController":
        open_workspace = self._open_workspace()
        if open_workspace is None:
            raise UserError("No workspace is open", advice="Open one with Ctrl+O.")
        return open_workspace


class ClassEditGuard:
    """Knows whether the classes of a workspace can be changed now.

    Args:
        importing: Its imports.
        classify: Its classification.
    """

    def __init__(self, importing: "ImportController", classify: "ClassifyController") -> None:
        self._importing, self._classify = importing, classify

    @property
    def busy(self) -> bool:
        """True from the first look at files until the last cell of them is classified."""
        asked = self._importing.dialog is not None
        return asked or self._importing.running or self._classify.running

    def check(self) -> None:
        """Refuse a change of the classes while there is such work.

        Raises:
            UserError: If there is.
        """
        if self.busy:
            raise UserError(
                "Classes cannot be changed while cells are imported or classified",
                advice="Wait for the end, or stop it with Ctrl+.",
            )
