"""Greys out, in a menu that opens and in the command palette, what cannot be run just now.

It is asked at that moment, so that no state is kept that could be out of date. A key stays live:
it says in the line below the cells why there is nothing to do. To add a command, add a row to
``_WHY_NOT`` that says why it cannot be run.
"""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtWidgets import QMenu

from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.workspace_controller import WorkspaceController

_NO_WORKSPACE = "No workspace is open"
_NO_TRAINING = "No training is under way"


_WHY_NOT: Mapping[str, Callable[[WorkspaceController], str]] = {
    "training_pause": lambda w: "" if w.training.can_pause else _NO_TRAINING,
    "training_cancel": lambda w: "" if w.training.can_cancel else _NO_TRAINING,
    "roll_back": lambda w: "" if w.active_model.can_roll_back else "No promotion to take back",
    "regroup": lambda w: "" if w.browser.unsettled else "Every cell stands in its group",
    "pass_over": lambda w: (
        "" if w.review_workflow.queue.running else "The review queue is not running"
    ),
}


class CommandAvailability:
    """Knows why a command cannot be run just now.

    Args:
        commands: The actions, their menus already filled.
        open_workspace: Returns the open workspace, or None.
        needs_workspace: Ids of the actions that need one.
        demo_running: Tells whether the demo patient is being rendered, which needs no workspace.
    """

    def __init__(
        self,
        commands: ActionSet,
        *,
        open_workspace: Callable[[], WorkspaceController | None],
        needs_workspace: Iterable[str],
        demo_running: Callable[[], bool],
    ) -> None:
        self._open_workspace, self._needs_workspace = open_workspace, frozenset(needs_workspace)
        self._demo_running = demo_running
        self._disabled_tips: dict[str, str] = {}  # tooltips by id
        commands.why_not_now = self.why_not
        for menu in commands.menus:
            menu.aboutToShow.connect(lambda menu=menu: self._disable_in(menu))
            menu.aboutToHide.connect(lambda menu=menu: self._enable_in(menu))

    def why_not(self, action_id: str) -> str:
        """Return why an action cannot be run just now; empty if it can."""
        open_workspace = self._open_workspace()
        if action_id == "stop":
            return "" if self._demo_running() or _runs(open_workspace) else "Nothing is running"
        if open_workspace is None:
            return _NO_WORKSPACE if action_id in self._needs_workspace else ""
        ask = _WHY_NOT.get(action_id)
        return ask(open_workspace) if ask is not None else ""

    def _disable_in(self, menu: QMenu) -> None:
        for action in menu.actions():
            why = self.why_not(action.objectName()) if action.isEnabled() else ""
            if why:
                self._disabled_tips[action.objectName()] = action.toolTip()
                action.setEnabled(False)
                action.setToolTip(f"{why}.")
                menu.setToolTipsVisible(True)

    def _enable_in(self, menu: QMenu) -> None:
        """Make the keys live again; the menu around a submenu that closes may stay open."""
        for action in menu.actions():
            tip = self._disabled_tips.pop(action.objectName(), None)
            if tip is not None:
                action.setEnabled(True)
                action.setToolTip(tip)


def _runs(open_workspace: WorkspaceController | None) -> bool:
    """Tell whether something runs in a workspace that can be stopped."""
    if open_workspace is None:
        return False
    return (
        open_workspace.importing.running
        or open_workspace.classify.running
        or open_workspace.embeddings.running
    )
