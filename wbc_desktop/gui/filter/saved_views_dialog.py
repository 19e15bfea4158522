"""Name the present view; choose, replace or delete saved ones. It decides nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.filter.saved_view import MAX_NAME, SavedView, named
from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank

_NONE = "No filter: every cell"


class SavedViewsDialog(QDialog):
    """The views of a workspace.

    Signals:
        saved: A name, and whether the chosen patients belong to the view.
        chosen: The name of a view to show.
        deleted: The name of a view to delete.
    """

    saved = Signal(str, bool)
    chosen = Signal(str)
    deleted = Signal(str)

    def __init__(self, *, present: str, arranged: str, chosen: str, parent: QWidget) -> None:
        """Make the dialog.

        Args:
            present: The filter in force as text, without patients and slides.
            arranged: Groups and order in force, in words.
            chosen: The chosen patients and slides as text, or empty for all.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle("Saved views")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._views: Sequence[SavedView] = ()
        self._doomed = ""
        self._name = QLineEdit(self)
        self._name.setMaxLength(MAX_NAME)
        self._name.setPlaceholderText("Name of the present view")
        self._present = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._present.show_text(f"{present or _NONE} · {arranged}")
        set_rank(self._present, "second")
        self._with_chosen = QCheckBox("&Only these patients", self)
        self._with_chosen.setToolTip(
            "If ticked, the view brings these patients and slides back:\n" + chosen
        )
        self._with_chosen.setVisible(bool(chosen))
        self._chosen = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._chosen.show_text(chosen)
        self._chosen.setVisible(bool(chosen))
        set_rank(self._chosen, "second")
        self._list = _ViewList(self)
        self._save = QPushButton("&Save", self)
        self._show = QPushButton("Sho&w", self)
        self._delete = QPushButton("&Delete", self)
        self._close = QPushButton("Close", self)
        self._save.setDefault(True)
        for button in (self._show, self._delete, self._close):
            button.setAutoDefault(False)
        self._lay_out()
        self._connect()
        self._refresh()
        self.resize(520, 400)

    @property
    def names(self) -> list[str]:
        """Names of the views listed."""
        return [view.name for view in self._views]

    @property
    def save_button(self) -> QPushButton:
        """Saves, or replaces the view of the same name."""
        return self._save

    @property
    def delete_button(self) -> QPushButton:
        """Deletes at the second press; the first one says what."""
        return self._delete

    @property
    def show_button(self) -> QPushButton:
        """Shows the marked view."""
        return self._show

    @property
    def name_box(self) -> QLineEdit:
        """Where the name is typed."""
        return self._name

    @property
    def chosen_box(self) -> QCheckBox:
        """Whether the chosen patients belong to the view."""
        return self._with_chosen

    def show_views(self, views: Sequence[SavedView], *, marked: str = "") -> None:
        """List views.

        Args:
            views: In the order shown.
            marked: Name of the one to mark, or empty.
        """
        self._views = views
        self._list.fill(views, marked)
        self._refresh()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(SMALL)
        form.addRow("&Name", self._name)
        form.addRow("Shows", self._present)
        form.addRow(self._with_chosen, self._chosen)
        buttons = QHBoxLayout()
        buttons.setSpacing(SMALL)
        buttons.addWidget(self._show)
        buttons.addWidget(self._delete)
        buttons.addStretch(1)
        buttons.addWidget(self._save)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        column.setSpacing(MEDIUM)
        column.addLayout(form)
        column.addWidget(self._list, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self._name.textChanged.connect(self._refresh)
        self._list.currentItemChanged.connect(self._refresh)
        self._list.opened.connect(self._tell_chosen)
        self._save.clicked.connect(self._tell_saved)
        self._show.clicked.connect(self._tell_chosen)
        self._delete.clicked.connect(self._tell_deleted)
        self._close.clicked.connect(self.reject)

    def _refresh(self) -> None:
        self._doomed = ""
        name = self._name.text()
        self._save.setEnabled(bool(name.strip()))
        self._save.setText("&Replace" if named(self._views, name) else "&Save")
        marked = bool(self._list.marked())
        self._show.setEnabled(marked)
        self._delete.setEnabled(marked)
        self._delete.setText("&Delete")

    def _tell_saved(self) -> None:
        with_chosen = self._with_chosen.isVisible() and self._with_chosen.isChecked()
        self.saved.emit(self._name.text(), with_chosen)

    def _tell_chosen(self) -> None:
        if marked := self._list.marked():
            self.chosen.emit(marked)
            self.accept()

    def _tell_deleted(self) -> None:
        """Ask by the button itself: nothing brings a view back."""
        marked = self._list.marked()
        if marked and marked != self._doomed:
            self._doomed = marked
            self._delete.setText("&Delete for good")
        elif marked:
            self.deleted.emit(marked)


class _ViewList(QTreeWidget):
    """Name and filter of each view; Return shows one.

    Signals:
        opened: Return, or a double click.
    """

    opened = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setColumnCount(2)
        self.setHeaderLabels(["View", "Shows"])
        self.setProperty("table", True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAccessibleName("Saved views")
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.header().resizeSection(0, 180)
        self.itemDoubleClicked.connect(self.opened)

    def fill(self, views: Sequence[SavedView], marked: str) -> None:
        """List views."""
        self.clear()
        for view in views:
            item = QTreeWidgetItem([view.name, view.filter or _NONE])
            item.setToolTip(0, view.name)
            item.setToolTip(1, view.filter)
            self.addTopLevelItem(item)
            if view.name == marked:
                self.setCurrentItem(item)

    def marked(self) -> str:
        """Return the name of the marked view, or the empty string."""
        item = self.currentItem()
        return item.text(0) if item is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Show the marked view on Return."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.marked():
            self.opened.emit()
        else:
            super().keyPressEvent(event)
