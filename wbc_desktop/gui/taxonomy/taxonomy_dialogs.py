"""The questions of the class editor: a new class, the parts of a class, what to merge into what."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import MAX_NAME, REQUIRED
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.taxonomy.edits import NewClass, free_code
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.taxonomy.class_form import ClassForm
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank

_PARTS = 5


class Question(QDialog):
    """A dialog that stays open while what it asks for is refused, and says why.

    Args:
        title: Of the window.
        button: What the button says that does it.
        parent: Owner.
    """

    def __init__(self, title: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.act: Callable[[], None] = lambda: None
        self.body = QVBoxLayout()
        self.body.setSpacing(MEDIUM)
        self._problem = wrapped(self, "danger")
        self._problem.hide()
        buttons = QDialogButtonBox(self)
        self.ok = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        column.setSpacing(MEDIUM)
        column.addLayout(self.body)
        column.addWidget(self._problem)
        column.addWidget(buttons)
        self.setMinimumWidth(460)

    @property
    def problem(self) -> str:
        """Why the last try was refused; empty if it was not."""
        return self._problem.text()

    def accept(self) -> None:
        """Do it and close; stay where it is refused."""
        try:
            self.act()
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()
            self.adjustSize()
            return
        super().accept()


class NewClassDialog(Question):
    """Asks for one new class.

    Args:
        taxonomy: The present classes.
        parent_class: Id of the class that is offered as its parent, or None.
        parent: Owner.
    """

    def __init__(
        self, taxonomy: Taxonomy, *, parent_class: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__("New class", "Add", parent)
        self.form = ClassForm(self)
        self.form.begin_new(taxonomy, parent=parent_class)
        hint = wrapped(self, "second")
        hint.setText(
            "The model does not know a class of your own: it is never predicted, only given by "
            "people. Its id is made from the name and stays for ever."
        )
        self.body.addWidget(self.form)
        self.body.addWidget(hint)
        self.form.name.setFocus()


class SplitDialog(Question):
    """Asks for the classes below a class.

    Args:
        taxonomy: The present classes.
        class_id: The class to be split.
        parent: Owner.
    """

    def __init__(self, taxonomy: Taxonomy, class_id: str, parent: QWidget | None = None) -> None:
        self._class = taxonomy.by_id[class_id]
        super().__init__(f"Split {self._class.name}", "Split", parent)
        self._taxonomy = taxonomy
        self.rows: list[tuple[QLineEdit, QLineEdit]] = []
        hint = wrapped(self)
        hint.setText(
            f"The new classes stand below {self._class.name}. Its cells keep their label until "
            "somebody labels them anew; its count sums up all of them."
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(SMALL)
        grid.setVerticalSpacing(SMALL)
        grid.addWidget(QLabel("Name", self), 0, 0)
        grid.addWidget(QLabel("Code", self), 0, 1)
        for number in range(1, _PARTS + 1):
            name, code = QLineEdit(self), QLineEdit(self)
            name.setMaxLength(MAX_NAME)
            name.setAccessibleName(f"Name of class {number}")
            code.setMaxLength(3)
            code.setFixedWidth(70)
            code.setAccessibleName(f"Code of class {number}")
            name.textEdited.connect(self._proposer(code))
            grid.addWidget(name, number, 0)
            grid.addWidget(code, number, 1)
            self.rows.append((name, code))
        self.body.addWidget(hint)
        self.body.addLayout(grid)
        self.rows[0][0].setFocus()

    def parts(self) -> tuple[NewClass, ...]:
        """Return the classes that were named."""
        colour = self._class.colour_light
        return tuple(
            NewClass(name=name.text(), code=code.text(), colour=colour)
            for name, code in self.rows
            if name.text().strip() or code.text().strip()
        )

    def _proposer(self, code: QLineEdit) -> Callable[[str], None]:
        def propose(name: str) -> None:
            if not code.isModified():
                taken = {other.text().upper() for _, other in self.rows if other is not code}
                found = free_code(self._taxonomy, name)
                code.setText("" if found in taken else found)

        return propose


class MergeDialog(Question):
    """Asks into which class some classes are merged, and counts the cells first.

    Where no class is left to merge into, it says so and Merge is off.

    Args:
        taxonomy: The present classes.
        sources: Ids of the classes that go.
        counts: Cells by the class they count as.
        parent: Owner.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        sources: Sequence[str],
        counts: Mapping[str, int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Merge classes", "Merge", parent)
        self._taxonomy = taxonomy
        self._sources, self._counts = tuple(sources), counts
        self.target = QComboBox(self)
        self.target.setAccessibleName("Class that stays")
        for cell_class in taxonomy.classes:
            if cell_class.merged_into is None and cell_class.id not in {*sources, *REQUIRED}:
                self.target.addItem(f"{cell_class.code}  {cell_class.name}", cell_class.id)
        names = wrapped(self)
        names.setText(f"Merge {', '.join(taxonomy.by_id[i].name for i in sources)} into")
        self.scope = wrapped(self)
        self.body.addWidget(names)
        self.body.addWidget(self.target)
        self.body.addWidget(self.scope)
        self.target.currentIndexChanged.connect(self._tell)
        above = taxonomy.by_id[sources[0]].parent
        if above is not None and self.target.findData(above) >= 0:
            self.target.setCurrentIndex(self.target.findData(above))
        self._tell()

    def _tell(self) -> None:
        self.ok.setEnabled(self.target.count() > 0)
        if not self.target.count():
            self.scope.setText("No class is left that could stay. Choose fewer classes.")
            return
        n = sum(self._counts.get(source, 0) for source in self._sources)
        target = self._taxonomy.by_id[self.target.currentData()]
        moved = [
            self._taxonomy.by_id[source].name
            for source in self._sources
            if self._taxonomy.by_id[source].counted != target.counted
        ]
        cells = f"{counted(n, 'cell')} will count as {target.name}"
        lines = [f"{cells if n else 'No cell is concerned'}. Labels stay as they were given."]
        if moved:
            inside = "become part of" if target.counted else "no longer belong to"
            lines.append(f"Cells of {', '.join(moved)} {inside} the 100 % of the differential.")
        lines.append("One step to undo.")
        self.scope.setText("\n".join(lines))


def wrapped(parent: QWidget, rank: str = "") -> QLabel:
    """Return a label for sentences."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    set_rank(label, rank)
    return label
