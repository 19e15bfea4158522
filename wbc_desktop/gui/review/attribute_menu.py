"""The small list of attributes that follows the leader key: a letter toggles one."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from wbc_desktop.domain.taxonomy.attributes import Attribute, Vocabulary
from wbc_desktop.domain.wording import counted

_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class AttributeMenu(QMenu):
    """Every attribute with its letter; ticked where all of the cells carry it.

    Signals:
        chosen: An attribute was toggled: the ``Attribute`` and whether the cells are to carry it.
        define_asked: The reader wants an attribute that is not there.

    Args:
        vocabulary: The attributes.
        carried: How many of the cells carry each, by id; those that none carries are left out.
        n_cells: How many cells it is about.
        parent: Owner.
    """

    chosen = Signal(object, bool)
    define_asked = Signal()

    def __init__(
        self,
        vocabulary: Vocabulary,
        carried: Mapping[str, int],
        *,
        n_cells: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Attributes", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Attributes")
        head = self.addAction(f"Attributes of {counted(n_cells, 'cell')}")
        head.setEnabled(False)
        self._by_letter: dict[str, QAction] = {}
        for attribute in vocabulary.attributes:
            self._add(attribute, carried.get(attribute.id, 0), n_cells)
        self.addSeparator()
        self.addAction("Define another attribute…").triggered.connect(self.define_asked)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Toggle the attribute of a letter; arrows, Return and Escape do as in every menu."""
        action = self._by_letter.get(event.text().upper())
        if action is None or event.modifiers() & ~_MODIFIERS:
            super().keyPressEvent(event)
            return
        self.close()
        action.trigger()

    def _add(self, attribute: Attribute, n_carrying: int, n_cells: int) -> None:
        part = f" ({n_carrying:,} of {n_cells:,})" if 0 < n_carrying < n_cells else ""
        name = attribute.name.replace("&", "&&")
        action = self.addAction(f"{name}{part}\t{attribute.letter}")
        action.setCheckable(True)
        action.setChecked(n_carrying == n_cells)
        action.triggered.connect(lambda present: self.chosen.emit(attribute, present))
        self._by_letter[attribute.letter] = action
