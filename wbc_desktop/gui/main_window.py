"""The window: puts the parts side by side and remembers their sizes. It decides nothing else."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.action_binding import ActionSet, KeyTips
from wbc_desktop.gui.commands.actions import ACTIONS
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.compare.compare_view import CompareView
from wbc_desktop.gui.compare.reference_strip import ReferenceStrip
from wbc_desktop.gui.embedding.map_panel import EmbeddingMap
from wbc_desktop.gui.filter.filter_bar import FilterBar
from wbc_desktop.gui.filter.view_bar import ViewBar
from wbc_desktop.gui.gallery.view import GalleryView
from wbc_desktop.gui.inspector.cell_inspector import CellInspector
from wbc_desktop.gui.patients.patient_tree import PatientTree
from wbc_desktop.gui.patients.shift_banner import ShiftBanner
from wbc_desktop.gui.review.accept_group_bar import AcceptGroupBar
from wbc_desktop.gui.review.class_palette import ClassPalette
from wbc_desktop.gui.review.queue_strip import ReviewQueueStrip
from wbc_desktop.gui.training.training_panel import TrainingPanel
from wbc_desktop.gui.widgets.icons import Icons, app_icon
from wbc_desktop.gui.widgets.notice_strip import NoticeStrip
from wbc_desktop.gui.widgets.offer_strip import OfferStrip
from wbc_desktop.gui.widgets.status_line import StatusLine
from wbc_desktop.gui.widgets.theme import Theme
from wbc_desktop.gui.workspace.welcome import Welcome
from wbc_desktop.gui.workspace.workspace_folders import default_workspace, short_name
from wbc_desktop.settings import Settings
from wbc_desktop.store.names import folder_of

TITLE = "WBC Desktop"
_LEFT, _CENTRE, _RIGHT = 236, 780, 320
_LEAST, _LEAST_WITH_PANEL = 420, 570  # of the centre
_WORDS = 560  # px; lines longer than that are hard to read


class MainWindow(QMainWindow):
    """All parts of the window.

    Signals:
        painted: The window has been painted for the first time.
        paths_dropped: Files or folders were dropped onto the window; a list of ``Path``.
        came_to_front: The reader has come back from another window.
        closing: The window is about to close.
    """

    painted = Signal()
    paths_dropped = Signal(object)
    came_to_front = Signal()
    closing = Signal()

    def __init__(self, *, taxonomy: Taxonomy, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self._settings = settings
        self._was_painted = False
        self._running = ""
        self.keys = KeyMap(taxonomy, settings)
        self.commands = ActionSet(self, taxonomy, self.keys)
        self.tree = PatientTree(self)
        self.filter_bar = FilterBar(taxonomy, self)
        self.view_bar = ViewBar(self)
        self.banner = ShiftBanner(self)
        self.queue_strip = ReviewQueueStrip(self)
        self.accept_bar = AcceptGroupBar(self)
        self.gallery = GalleryView(taxonomy=taxonomy, theme=theme, parent=self)
        self.compare = CompareView(theme, self)
        self.references = ReferenceStrip(theme, self)
        self.map = EmbeddingMap(theme, self)
        self.training = TrainingPanel(theme, self)
        self.welcome = Welcome(self.keys, self)
        self.notice = NoticeStrip(self)
        self.inspector = CellInspector(taxonomy, theme, self)
        self.inspector.panel.bind(self.commands)
        self.classes = ClassPalette(taxonomy, theme, self)
        self.classes.show_keys(self.keys)
        self.status = StatusLine(self)
        self._stack = QStackedWidget(self)
        self._centre = QWidget(self)
        self._beside = QSplitter(Qt.Orientation.Horizontal, self)
        self._panels = QSplitter(Qt.Orientation.Horizontal, self)
        self._tools = QToolBar("Tools", self)
        self.offers = OfferStrip(self)
        self._lay_out()
        self.commands.fill_menus(self.menuBar())
        self.set_theme(theme, Icons(theme))
        self._restore()
        self.commands.keep_space()
        self._tips = KeyTips(self, self.keys)
        self.show_undo(None, None)
        self.show_workspace(None)
        self.view_bar.tile_size_changed.connect(self.gallery.set_tile_size)
        self.gallery.tile_size_changed.connect(self.view_bar.set_tile_size)
        self.inspector.left.connect(self.focus_cells)
        self.status.told.connect(self._show_running)

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Offer and name the classes of another taxonomy; the cells are to come anew."""
        self.commands.set_taxonomy(taxonomy)
        self.keys.set_taxonomy(taxonomy)
        self.filter_bar.controls.set_taxonomy(taxonomy)
        self.gallery.set_taxonomy(taxonomy)
        self.inspector.set_taxonomy(taxonomy)
        self.classes.set_taxonomy(taxonomy)

    def set_theme(self, theme: Theme, icons: Icons) -> None:
        """Repaint every part in another theme."""
        self.commands.repaint(icons, theme)
        self.tree.repaint_icons(icons)
        self.filter_bar.repaint_icons(icons)
        self.banner.repaint_icons(icons)
        self.status.repaint_icons(icons)
        self.gallery.set_theme(theme)
        self.compare.set_theme(theme)
        self.map.set_theme(theme)
        self.training.set_theme(theme)
        self.references.set_theme(theme)
        self.inspector.set_theme(theme)
        self.classes.set_theme(theme)

    def show_cells(self, there_are_cells: bool) -> None:
        """Show the gallery, or where to begin while there are no cells."""
        if not (there_are_cells and self._stack.currentWidget() is self.compare):
            self._stack.setCurrentIndex(1 if there_are_cells else 0)
        # Hidden, the welcome page must not keep the window from being low.
        policy = QSizePolicy.Policy.Ignored if there_are_cells else QSizePolicy.Policy.Preferred
        self.welcome.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.filter_bar.setEnabled(there_are_cells)
        self.view_bar.setEnabled(there_are_cells)
        self.notice.show_hint(there_are_cells, running=self._running)
        self.commands.enable_cells(there_are_cells)

    def _show_running(self, text: str, done: int, total: int) -> None:
        """Say what runs also where cells will stand, while there are none."""
        self._running = text
        self.welcome.show_running(text, done=done, total=total)
        if self._stack.currentWidget() is self.welcome:
            self.notice.show_hint(there_are_cells=False, running=text)

    @property
    def tools(self) -> QToolBar:
        """The toolbar."""
        return self._tools

    @property
    def centre_view(self) -> QWidget:
        """What stands in the middle: the gallery, or where to begin, or compared cells."""
        return self._stack

    def show_comparison(self, *, shown: bool) -> None:
        """Show the compared cells in the place of the gallery, or the gallery again."""
        self._stack.setCurrentWidget(self.compare if shown else self.gallery)
        self.focus_cells()

    def show_beside(self, panel: QWidget, *, shown: bool) -> None:
        """Show the map or the training beside the gallery, one at a time; or the gallery alone."""
        for other in (self.map, self.training):
            other.setVisible(shown if other is panel else other.isVisible() and not shown)
        alone = self.map.isHidden() and self.training.isHidden()
        self._centre.setMinimumWidth(_LEAST if alone else _LEAST_WITH_PANEL)
        sizes = self._beside.sizes()
        if shown and not (sizes[0] and sizes[self._beside.indexOf(panel)]):
            # Half each, until the reader moves the line; but words need no half of a large screen.
            room = max(self._beside.width(), 2)
            wide = room // 2 if panel is self.map else min(room // 2, _WORDS)
            self._beside.setSizes([room - wide, wide, wide])

    def focus_cells(self) -> None:
        """Give the keyboard to the gallery, or to the view that stands in its place."""
        if self._stack.currentWidget() is self.compare:
            self.compare.focus_current()
        else:
            self.gallery.setFocus()

    def show_undo(self, undo: str | None, redo: str | None) -> None:
        """Say what undo and redo would do, in the reader's words; None if nothing."""
        for action, text in (("undo", undo), ("redo", redo)):
            self.commands[action].setEnabled(text is not None)
            word = action.capitalize()
            self.commands[action].setText(f"&{word}: {text}" if text else f"&{word}")
            self.commands[action].setIconText(word)

    def show_workspace(self, folder: Path | None) -> None:
        """Name the open workspace; one that is just called so by the folder it lies in."""
        name = short_name(folder) if folder else TITLE
        self.setWindowTitle(TITLE if name == TITLE else f"{name} – {TITLE}")
        self.welcome.show_workspace(folder, usual=default_workspace(self._settings))

    def show_opening(self, folder: Path | None) -> None:
        """Say which workspace is being opened, where no other one is on view; None ends that."""
        there_are_cells = self._stack.currentWidget() is not self.welcome
        name = short_name(folder_of(folder)) if folder is not None and not there_are_cells else ""
        running = f"Opening “{name}”" if name else self._running
        self.notice.show_hint(there_are_cells, running=running)
        self.tree.show_opening(bool(name))
        self.welcome.show_opening(name)

    def leave(self) -> None:
        """Close the window, as the button in its corner does."""
        self.close()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Large enough to work in comfort; a smaller screen is filled instead."""
        return QSize(1500, 900)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Usable on 1366 × 768, and on 1920 × 1080 at 150 %."""
        return QSize(1000, 600)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Tell once that the window is there."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Tell when the window becomes the active one."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.came_to_front.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Remember the sizes and let the controller finish."""
        self._settings.set("tile_size", self.gallery.tile_size)
        self._settings.set("geometry", _text(self.saveGeometry()))
        self._settings.set("splitters", _text(self._panels.saveState()))
        self._settings.set("open_sections", ",".join(self.inspector.open_sections))
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if _local_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Hand them on as an import."""
        paths = _local_paths(event)
        if paths:
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)

    def _lay_out(self) -> None:
        self._tools.setObjectName("tools")
        self._tools.setMovable(False)
        self._tools.setIconSize(QSize(20, 20))
        self._tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._tools.toggleViewAction().setVisible(False)
        self._fill_tools()
        self._tools.addWidget(self.view_bar)
        self.addToolBar(self._tools)
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.gallery)
        self._stack.addWidget(self.compare)
        self._beside.addWidget(self._stack)
        self._beside.addWidget(self.map)
        self._beside.addWidget(self.training)
        self._beside.setHandleWidth(1)
        self._beside.setChildrenCollapsible(False)
        column = QVBoxLayout(self._centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter_bar)
        column.addWidget(self.banner)
        column.addWidget(self.queue_strip)
        column.addWidget(self._beside, 1)
        column.addWidget(self.references)
        column.addWidget(self.accept_bar)
        column.addWidget(self.notice)
        for panel in (self.tree, self._centre, self.inspector):
            self._panels.addWidget(panel)
        self._panels.setHandleWidth(1)
        self._panels.setChildrenCollapsible(False)
        self._panels.setStretchFactor(1, 1)
        self.tree.setMinimumWidth(160)
        self._stack.setMinimumWidth(240)
        self._centre.setMinimumWidth(_LEAST)
        self.inspector.setMinimumWidth(240)
        # After the least widths: before them, what the parts would like to have counts as least.
        self._panels.setSizes([_LEFT, _CENTRE, _RIGHT])
        whole = QWidget(self)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.offers)
        rows.addWidget(self._panels, 1)
        rows.addWidget(self.classes)
        self.setCentralWidget(whole)
        self.setStatusBar(self.status)

    def _fill_tools(self) -> None:
        for spec in ACTIONS:
            if not spec.toolbar:
                continue
            if spec.id in {"undo", "classify"}:
                self._tools.addSeparator()
            self._tools.addAction(self.commands[spec.id])
            button = self._tools.widgetForAction(self.commands[spec.id])
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(spec.toolbar)

    def _restore(self) -> None:
        geometry = self._settings.text("geometry")
        if not (geometry and self.restoreGeometry(_bytes(geometry))):
            self._take_first_size()
        splitters = self._settings.text("splitters")
        if splitters:
            self._panels.restoreState(_bytes(splitters))
        self.inspector.set_open_sections(self._settings.text("open_sections").split(","))
        self.view_bar.set_tile_size(self._settings.number("tile_size"))
        self.gallery.set_tile_size(self._settings.number("tile_size"))

    def _take_first_size(self) -> None:
        wanted, room = self.sizeHint(), self.screen().availableGeometry().size()
        self.resize(wanted.boundedTo(room))
        # Equal is too much already: the window manager adds a frame.
        if wanted.width() >= room.width() or wanted.height() >= room.height():
            self.setWindowState(Qt.WindowState.WindowMaximized)


def _local_paths(event: QDragEnterEvent | QDropEvent) -> Sequence[Path]:
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _text(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode("ascii", "ignore")))
