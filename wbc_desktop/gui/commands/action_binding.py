"""Turns the table of actions into Qt actions, menus, the toolbar, and tips that name their keys.

Nothing is decided here: to change what the window can do, change ``actions``. Which key an action
has is what ``key_map`` says.
"""

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QMenu,
    QMenuBar,
    QToolButton,
    QWidget,
)

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands import actions
from wbc_desktop.gui.commands.actions import ACTIONS, MENUS, plain
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import Theme

_SWATCH = 12


class ActionSet:
    """The window's actions by id, and one per class of the taxonomy.

    Attributes:
        forbidden: Why an action cannot be used on this computer, by its id.
        why_not_now: Returns why an enabled action cannot be run just now; empty if it can.

    Args:
        window: Owns the actions; their keys work while it is active.
        taxonomy: The classes.
        keys: Which keys belong to what.
    """

    def __init__(self, window: QWidget, taxonomy: Taxonomy, keys: KeyMap) -> None:
        self._taxonomy = taxonomy
        self._keys = keys
        self._actions: dict[str, QAction] = {}
        self._label_actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self.forbidden: dict[str, str] = {}
        self.why_not_now: Callable[[str], str] = lambda _action_id: ""
        groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setIconText(spec.toolbar or plain(spec.text))
            action.setStatusTip(spec.tooltip)
            if spec.choice:
                action.setCheckable(True)
                groups.setdefault(spec.choice, QActionGroup(window)).addAction(action)
            window.addAction(action)
            self._actions[spec.id] = action
        self._window = window
        self._label: Callable[[str], None] | None = None
        self._label_menu: QMenu | None = None
        self._theme: Theme | None = None
        self._add_labels()
        self._keeper = SpaceKeeper(window)
        self._take_keys()
        keys.subscribe(self._take_keys)

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Offer the classes of another taxonomy, in the menus too; the keys are to follow."""
        self._taxonomy = taxonomy
        enabled = any(action.isEnabled() for action in self._label_actions.values())
        for action in self._label_actions.values():
            self._window.removeAction(action)
            action.deleteLater()
        self._label_actions = {}
        self._add_labels()
        for action in self._label_actions.values():
            action.setEnabled(enabled)
            if self._label_menu is not None:
                self._label_menu.addAction(action)
        if self._theme is not None:
            self._paint_labels(self._theme)

    def __getitem__(self, action_id: str) -> QAction:
        """Return the action of an id."""
        return self._actions[action_id]

    def has_label(self, class_id: str) -> bool:
        """Tell whether there is an action that labels as a class."""
        return class_id in self._label_actions

    def label(self, class_id: str) -> QAction:
        """Return the action that labels as a class."""
        return self._label_actions[class_id]

    def bind(
        self, handlers: Mapping[str, Callable[[], None]], *, label: Callable[[str], None]
    ) -> None:
        """Connect every action to its handler.

        Args:
            handlers: By action id; every action of the table must be in it.
            label: Called with a class id when a class key is pressed.

        Raises:
            KeyError: If an action has no handler.
        """
        for action_id, action in self._actions.items():
            action.triggered.connect(_without_argument(handlers[action_id]))
        self._label = label
        for class_id, action in self._label_actions.items():
            action.triggered.connect(_with(label, class_id))

    def fill_menus(self, bar: QMenuBar) -> None:
        """Build the menu bar from the table."""
        menus = self._menus = {name: bar.addMenu(name) for name in MENUS}
        for spec in ACTIONS:
            menu = menus[spec.menu]
            if spec.submenu:
                if spec.submenu not in menus:
                    menus[spec.submenu] = menu.addMenu(spec.submenu)
                menu = menus[spec.submenu]
            if spec.separated:
                menu.addSeparator()
            menu.addAction(self._actions[spec.id])
        cells = menus["&Cells"]
        cells.addSeparator()
        self._label_menu = self.label_menu(cells)
        cells.addMenu(self._label_menu)

    def forbid(self, action_id: str, why: str) -> None:
        """Disable an action for good; its tooltip, also in the menu, says why."""
        self.forbidden[action_id] = why
        action = self._actions[action_id]
        action.setEnabled(False)
        action.setToolTip(why)
        for menu in self._menus.values():
            if action in menu.actions():
                menu.setToolTipsVisible(True)

    @property
    def menus(self) -> list[QMenu]:
        """The menus of the bar and their submenus."""
        return list(self._menus.values())

    def submenu(self, title: str) -> QMenu:
        """Return a submenu of the table by its title, to add what is not in the table."""
        return self._menus[title]

    def label_menu(self, parent: QWidget) -> QMenu:
        """Return a menu of all classes with their keys."""
        menu = QMenu("&Label as", parent)
        for action in self._label_actions.values():
            menu.addAction(action)
        return menu

    def cell_menu(self, parent: QWidget) -> QMenu:
        """Return the context menu of a tile."""
        menu = QMenu(parent)
        for spec in ACTIONS:
            if spec.menu == "&Cells":
                if spec.separated:
                    menu.addSeparator()
                menu.addAction(self._actions[spec.id])
        menu.addSeparator()
        for action in self._label_actions.values():
            menu.addAction(action)
        return menu

    def keep_space(self) -> None:
        """Leave Space to the controls that the window has now."""
        self._keeper.watch()

    def repaint(self, icons: Icons, theme: Theme) -> None:
        """Give every action its icon in the colours of the present theme."""
        for spec in ACTIONS:
            if spec.icon:
                self._actions[spec.id].setIcon(icons[spec.icon])
        self._paint_labels(theme)

    def _paint_labels(self, theme: Theme) -> None:
        self._theme = theme
        for class_id, action in self._label_actions.items():
            swatch = QPixmap(_SWATCH, _SWATCH)
            swatch.fill(QColor(theme.class_colour(self._taxonomy.by_id[class_id])))
            action.setIcon(QIcon(swatch))

    def _add_labels(self) -> None:
        for cell_class in self._taxonomy.offered:
            action = QAction(f"{cell_class.code}  {cell_class.name}", self._window)
            action.setObjectName(f"label_{cell_class.id}")
            if self._label is not None:
                action.triggered.connect(_with(self._label, cell_class.id))
            self._window.addAction(action)
            self._label_actions[cell_class.id] = action

    def _take_keys(self) -> None:
        """Give every action the key that it has now; its tooltip names it."""
        for spec in ACTIONS:
            keys = self._keys.of_action(spec.id)
            self._actions[spec.id].setShortcuts([QKeySequence(key) for key in keys])
            told = self.forbidden.get(spec.id) or actions.tooltip(spec, keys)
            self._actions[spec.id].setToolTip(told)
        for class_id, action in self._label_actions.items():
            action.setShortcut(QKeySequence(self._keys.of_class(class_id)))

    def enable_cells(self, there_are_cells: bool) -> None:
        """Enable what needs cells only while there are some."""
        for spec in ACTIONS:
            if spec.needs_cells:
                can = there_are_cells and spec.id not in self.forbidden
                self._actions[spec.id].setEnabled(can)
        for action in self._label_actions.values():
            action.setEnabled(there_are_cells)


class SpaceKeeper(QObject):
    """Leaves Space to a focused button, box or slider: there it presses, it does not accept.

    Args:
        window: The window whose controls it watches.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def watch(self) -> None:
        """Watch every control that the window has now."""
        for kind in (QAbstractButton, QComboBox, QAbstractSlider):
            for control in self._window.findChildren(kind):
                control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Claim Space for the control before the shortcuts see it."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)


def _without_argument(handler: Callable[[], None]) -> Callable[[], None]:
    # triggered(bool) would hand its flag to a handler that happens to take an argument.
    def triggered() -> None:
        handler()

    return triggered


def _with(label: Callable[[str], None], class_id: str) -> Callable[[], None]:
    return lambda: label(class_id)


_OWN = "own_tip"
_KEY = re.compile(r" \(([^()\s]+)\)")


class KeyTips:
    """Keeps the tips of a window in line with its keys, such as “Take this back (Ctrl+Z)”.

    A tip names the program's own key of an action in brackets, wherever a widget writes one; after
    the reader has changed that key, the tip is rewritten. Nothing needs to be registered.

    Args:
        window: Whose widgets are looked through, now and whenever keys change.
        keys: Which keys belong to what.
    """

    def __init__(self, window: QWidget, keys: KeyMap) -> None:
        self._window = window
        self._keys = keys
        self._owners = {
            target.default[0]: target.id
            for target in keys.targets
            if target.default and not target.is_class
        }
        keys.subscribe(self.rewrite)
        self.rewrite()

    def rewrite(self) -> None:
        """Name the present keys in every tip and placeholder."""
        for widget in self._window.findChildren(QWidget):
            if isinstance(widget, QToolButton) and widget.defaultAction() is not None:
                continue  # has the tip of its action
            for name in ("toolTip", "placeholderText"):
                if name == "toolTip" or isinstance(widget, QLineEdit):
                    self._rewrite(widget, name)

    def _rewrite(self, widget: QWidget, name: str) -> None:
        own = widget.property(f"{_OWN}_{name}") or widget.property(name)
        now = self.written(str(own))
        if now != widget.property(name):
            widget.setProperty(f"{_OWN}_{name}", own)
            widget.setProperty(name, now)

    def written(self, tip: str) -> str:
        """Return a tip with the keys of now in the place of the program's own."""

        def present(found: re.Match[str]) -> str:
            owner = self._owners.get(found[1])
            if owner is None:
                return found[0]
            keys = self._keys.of(owner)
            return f" ({keys[0]})" if keys else ""

        return _KEY.sub(present, tip)
