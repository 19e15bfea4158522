"""What stands in the middle while there are no cells: where to begin."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.widgets.icons import app_icon
from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, figures, section_head, set_rank
from wbc_desktop.gui.workspace.recent_list import RecentList
from wbc_desktop.gui.workspace.workspace_folders import short_name, with_tilde

_ICON = 48
_WIDTH = 620
_BAR = 240
_HINT = "Drop folders or ZIP files of cell images onto this window, or:"
_WAYS = (
    ("import_folder", "Open patient folder…", "Cell images of one patient; folders in it: slides"),
    ("open_workspace", "Open workspace…", "What was imported and reviewed before"),
    ("open_demo", "Try the demo patient", "200 drawn cells, in a workspace of their own"),
)


class Welcome(QWidget):
    """The ways to begin, the recent workspaces, and where imported cells go.

    Signals:
        asked: Id of the action that a button stands for.

    Args:
        keys: Which keys the actions have.
        parent: Owner.
    """

    asked = Signal(str)

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._icon = QLabel(self)
        self._icon.setPixmap(app_icon().pixmap(_ICON, _ICON))
        self._title = QLabel(self)
        self._title.setFont(section_head(self.font()))
        self._hint = QLabel(_HINT, self)
        self._hint.setFont(figures(self.font()))
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(_BAR, SMALL)
        self._bar.setAccessibleName("Progress until there are cells")
        keep = self._bar.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # nothing moves when it comes
        self._bar.setSizePolicy(keep)
        self._idle_title = ""
        self._ways = QWidget(self)
        self._has_recent = False
        self._buttons: dict[str, QPushButton] = {}
        self._key_labels: dict[str, QLabel] = {}
        self._recent_head = QLabel("Recent workspaces", self)
        self._recent_head.setFont(section_head(self.font()))
        self.recent = RecentList(self)
        self._destination = ElidedLabel(self)
        self._notice = QLabel(RESEARCH_USE_ONLY, self)
        for label in (self._hint, self._destination, self._notice):
            set_rank(label, "second")
        self._lay_out()
        keys.subscribe(self._show_keys)
        self._show_keys()
        self._bar.hide()
        self.show_workspace(None, usual=Path())
        self.show_recent(there_are_some=False)

    @property
    def open_button(self) -> QPushButton:
        """The button that imports a patient folder."""
        return self._buttons["import_folder"]

    @property
    def demo_button(self) -> QPushButton:
        """The button that opens the demo patient."""
        return self._buttons["open_demo"]

    @property
    def title(self) -> str:
        """The line on top."""
        return self._title.text()

    @property
    def hint(self) -> str:
        """The line below it."""
        return self._hint.text()

    @property
    def destination(self) -> str:
        """The line that says where imported cells go."""
        return self._destination.whole

    def show_workspace(self, folder: Path | None, *, usual: Path) -> None:
        """Say which workspace is open.

        Args:
            folder: Of the open workspace, or None if none is open.
            usual: Of the workspace that an import begins while none is open.
        """
        if folder is None or folder == usual:
            self._idle_title = "Welcome to WBC Desktop"
        else:
            self._idle_title = f"No cells in “{short_name(folder)}” yet"
        if self._bar.isHidden():
            self._title.setText(self._idle_title)
        self._destination.show_text(
            f"Imported cells go to the workspace {with_tilde(folder or usual)}"
        )

    def show_opening(self, name: str) -> None:
        """Say that a workspace is being opened, and offer nothing; an empty name ends that."""
        if not name and not self._ways.isHidden():
            return
        self._title.setText(f"Opening “{name}” …" if name else self._idle_title)
        for widget in (self._hint, self._ways, self._destination):
            widget.setVisible(not name)
        self.show_recent(there_are_some=self._has_recent)
        if (layout := self.layout()) is not None:
            layout.activate()
        self.repaint()  # now: the window does not answer while it opens

    def show_running(self, text: str, *, done: int, total: int) -> None:
        """Say what is under way that may bring the first cells.

        Args:
            text: What runs; empty once nothing does.
            done: Cells that are finished.
            total: All of them; 0 while that is not known.
        """
        self._title.setText(f"{text} …" if text else self._idle_title)
        count = f"{done:,} of {total:,} cells. " if total else ""
        self._hint.setText(f"{count}They appear here as soon as they are ready." if text else _HINT)
        self._bar.setMaximum(total)
        self._bar.setValue(done)
        self._bar.setVisible(bool(text))

    def show_recent(self, *, there_are_some: bool) -> None:
        """Show or hide the list of recent workspaces."""
        self._has_recent = there_are_some
        for widget in (self._recent_head, self.recent):
            widget.setVisible(there_are_some and not self._ways.isHidden())

    def _lay_out(self) -> None:
        centred = Qt.AlignmentFlag.AlignHCenter
        page = QWidget(self)
        middle = QWidget(page)
        middle.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(middle)
        column.setContentsMargins(LARGE, LARGE, LARGE, SMALL)
        column.setSpacing(MEDIUM)
        column.addStretch()
        for widget in (self._icon, self._title, self._hint, self._bar):
            column.addWidget(widget, 0, centred)
        self._fill_ways()
        column.addWidget(self._ways)
        column.addSpacing(SMALL)
        column.addWidget(self._recent_head)
        self.recent.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column.addWidget(self.recent)
        self._destination.setAlignment(centred)
        column.addStretch()
        column.addWidget(self._destination)
        column.addWidget(self._notice, 0, centred)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        row = QGridLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(middle, 0, 1)
        row.setColumnStretch(0, 1)
        row.setColumnStretch(1, 1000)  # takes the room up to its greatest width
        row.setColumnStretch(2, 1)
        scroll = QScrollArea(self)  # a low window must not grow beyond the screen for it
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        outer.addWidget(scroll)

    def _fill_ways(self) -> None:
        grid = QGridLayout(self._ways)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(MEDIUM)
        grid.setVerticalSpacing(SMALL)
        for row, (action, text, hint) in enumerate(_WAYS):
            button = QPushButton(text, self)
            button.setDefault(row == 0)
            button.clicked.connect(lambda _checked=False, action=action: self.asked.emit(action))
            key, words = QLabel(self), ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
            words.show_text(hint)
            for label in (key, words):
                set_rank(label, "second")
            for column, widget in enumerate((button, key, words)):
                grid.addWidget(widget, row, column)
            self._buttons[action], self._key_labels[action] = button, key
        grid.setColumnStretch(2, 1)

    def _show_keys(self) -> None:
        for action, label in self._key_labels.items():
            keys = self._keys.of_action(action)
            label.setText(keys[0] if keys else "")
            self._buttons[action].setToolTip(keys[0] if keys else "")
