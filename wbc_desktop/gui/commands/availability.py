"""Greys out, in a menu that opens and in the command palette, what cannot be run just now.

It is asked at that moment, so that no state is kept that could be out of date. A key stays live:
it says in the line below the cells why there is nothing to do. To add a command, add a row to
``_ON_DESK`` that says why it cannot be run.
"""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtWidgets import QMenu

from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.workspace_controller import Desk

_NO_DESK = "No workspace is open"
_NO_TRAINING = "No training is under way"


_ON_DESK: Mapping[str, Callable[[Desk], str]] = {
    "training_pause": lambda d: "" if d.learning.training.can_pause else _NO_TRAINING,
    "training_cancel": lambda d: "" if d.learning.training.can_cancel else _NO_TRAINING,
    "roll_back": lambda d: "" if d.learning.models.can_roll_back else "No promotion to take back",
    "regroup": lambda d: "" if d.browser.unsettled else "Every cell stands in its group",
    "pass_over": lambda d: "" if d.reviewing.queue.running else "The review queue is not running",
}


class PossibleNow:
    """Knows why a command cannot be run just now.

    Args:
        commands: The actions, their menus already filled.
        desk: Returns the open workspace, or None.
        on_desk: Ids of the actions that need one.
        demo_running: Tells whether the demo patient is being rendered, which needs no workspace.
    """

    def __init__(
        self,
        commands: ActionSet,
        *,
        desk: Callable[[], Desk | None],
        on_desk: Iterable[str],
        demo_running: Callable[[], bool],
    ) -> None:
        self._desk, self._on_desk = desk, frozenset(on_desk)
        self._demo_running = demo_running
        self._dimmed: dict[str, str] = {}  # tooltips by id
        commands.why_not_now = self.why_not
        for menu in commands.menus:
            menu.aboutToShow.connect(lambda menu=menu: self._dim(menu))
            menu.aboutToHide.connect(lambda menu=menu: self._undim(menu))

    def why_not(self, action_id: str) -> str:
        """Return why an action cannot be run just now; empty if it can."""
        desk = self._desk()
        if action_id == "stop":
            return "" if self._demo_running() or _runs(desk) else "Nothing is running"
        if desk is None:
            return _NO_DESK if action_id in self._on_desk else ""
        ask = _ON_DESK.get(action_id)
        return ask(desk) if ask is not None else ""

    def _dim(self, menu: QMenu) -> None:
        for action in menu.actions():
            why = self.why_not(action.objectName()) if action.isEnabled() else ""
            if why:
                self._dimmed[action.objectName()] = action.toolTip()
                action.setEnabled(False)
                action.setToolTip(f"{why}.")
                menu.setToolTipsVisible(True)

    def _undim(self, menu: QMenu) -> None:
        """Make the keys live again; the menu around a submenu that closes may stay open."""
        for action in menu.actions():
            tip = self._dimmed.pop(action.objectName(), None)
            if tip is not None:
                action.setEnabled(True)
                action.setToolTip(tip)


def _runs(desk: Desk | None) -> bool:
    """Tell whether something runs on a desk that can be stopped."""
    if desk is None:
        return False
    return desk.importing.running or desk.classify.running or desk.embeddings.running
