"""Edit > Classes: every class of the workspace, to be renamed, hidden, merged, split or added."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import REQUIRED
from wbc_desktop.domain.taxonomy.edits import ClassUpdate
from wbc_desktop.gui.taxonomy.class_form import ClassForm
from wbc_desktop.gui.taxonomy.class_tree import ClassTree
from wbc_desktop.gui.taxonomy.taxonomy_dialogs import (
    MergeDialog,
    NewClassDialog,
    Question,
    SplitDialog,
    wrapped,
)
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.commands import UserCommand
    from wbc_desktop.services.session.session import Session

_HINT = "Every change is one step to undo. Labels that were given stay as they are."


class TaxonomyEditor(QDialog):
    """Shows the classes and changes them through the session.

    Signals:
        import_asked: The reader wants the classes of a file.
        export_asked: The reader wants them in a file.
        undo_asked: The reader wants the last act back.

    Args:
        session: Gives the session of the open workspace.
        count: Counts the cells of each class, by the id of the class they count as.
        may_edit: Refuses while something else runs, with a ``UserError``; False if the reader
            gave up naming themselves.
        parent: Owner.
    """

    import_asked = Signal()
    export_asked = Signal()
    undo_asked = Signal()

    def __init__(
        self,
        session: "Callable[[], Session]",
        *,
        count: Callable[[], Mapping[str, int]],
        may_edit: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Classes of this workspace")
        self._session, self._count, self._may_edit = session, count, may_edit
        self.tree = ClassTree(self)
        self.form = ClassForm(self)
        self.question: Question | None = None
        self._said = wrapped(self, "second")
        self.apply = self._button("&Apply", self._apply)
        self.apply.setDefault(True)  # Return in a field applies it, and never closes the editor
        self.add = self._button("New…", self._add)
        self.split = self._button("Split…", self._split)
        self.merge = self._button("Merge…", self._merge)
        self.hide_class = self._button("Hide", self._toggle_hidden)
        self.separate = self._button("Separate", self._separate)
        self._lay_out()
        self.tree.chosen.connect(self._show_chosen)
        self.form.edited.connect(lambda: self.apply.setEnabled(True))
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo_asked.emit)
        self.refresh()

    def refresh(self) -> None:
        """Show the classes as they are now."""
        session = self._session()
        self._taxonomy = session.taxonomy
        self._counts = self._count()
        self.tree.show_classes(self._taxonomy, self._counts)

    @property
    def said(self) -> str:
        """What the editor says of the last act."""
        return self._said.text()

    def say(self, text: str, *, rank: str = "second") -> None:
        """Say something below the fields."""
        set_rank(self._said, rank)
        self._said.setText(text)

    def do(self, command: "UserCommand") -> None:
        """Carry out a command.

        Raises:
            UserError: If it cannot be done.
        """
        if self._may_edit():
            changes = self._session().do(command)
            self.refresh()
            self.say(f"Saved: {changes.text}." if changes.kinds else "Nothing changed.")

    def _try(self, command: "UserCommand") -> None:
        try:
            self.do(command)
        except UserError as error:
            self.say(str(error), rank="danger")

    def _show_chosen(self) -> None:
        chosen = [self._taxonomy.by_id[class_id] for class_id in self.tree.chosen_ids()]
        one = chosen[0] if len(chosen) == 1 else None
        self.form.setEnabled(one is not None)
        if one is not None:
            self.form.show_class(one, self._taxonomy)
        needed = any(c.id in REQUIRED for c in chosen)
        merged = any(c.merged_into is not None for c in chosen)
        self.apply.setEnabled(False)
        self.split.setEnabled(one is not None and not needed and not merged)
        self.merge.setEnabled(bool(chosen) and not needed and not merged)
        self.hide_class.setEnabled(one is not None and not needed and not merged)
        self.hide_class.setText("Show again" if one is not None and one.hidden else "Hide")
        self.separate.setEnabled(one is not None and merged)
        self.say(_HINT)

    def _apply(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import ChangeClass, MoveClass

        (class_id,) = self.tree.chosen_ids()
        present = self._taxonomy.by_id[class_id]
        wanted, parent = self.form.wanted(present), self.form.parent_class.currentData()
        moves = self._taxonomy.own(class_id) and parent != present.parent
        if wanted != ClassUpdate():
            self._try(ChangeClass(class_id, wanted))
        if moves and self._said.property("rank") != "danger":
            self._try(MoveClass(class_id, parent))

    def _add(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import AddClass

        chosen = self.tree.chosen_ids()
        above = chosen[0] if len(chosen) == 1 and self._taxonomy.own(chosen[0]) else None
        dialog = NewClassDialog(self._taxonomy, parent_class=above, parent=self)
        self._ask(dialog, lambda: self._do_and_choose(AddClass(dialog.form.new_class())))

    def _split(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import SplitClass

        (class_id,) = self.tree.chosen_ids()
        dialog = SplitDialog(self._taxonomy, class_id, parent=self)
        self._ask(dialog, lambda: self.do(SplitClass(class_id, dialog.parts())))

    def _merge(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import MergeClasses

        sources = self.tree.chosen_ids()
        dialog = MergeDialog(self._taxonomy, sources, self._counts, parent=self)
        self._ask(dialog, lambda: self.do(MergeClasses(sources, dialog.target.currentData())))

    def _toggle_hidden(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import ChangeClass

        (class_id,) = self.tree.chosen_ids()
        hidden = not self._taxonomy.by_id[class_id].hidden
        self._try(ChangeClass(class_id, ClassUpdate(hidden=hidden)))

    def _separate(self) -> None:
        from wbc_desktop.services.session.taxonomy_commands import SeparateClass

        (class_id,) = self.tree.chosen_ids()
        self._try(SeparateClass(class_id))

    def _do_and_choose(self, command: "UserCommand") -> None:
        known = set(self._taxonomy.by_id)
        self.do(command)
        if added := [c.id for c in self._taxonomy.classes if c.id not in known]:
            said = self.said
            self.tree.choose(added[0])
            self.say(said)

    def _ask(self, question: Question, act: Callable[[], None]) -> None:
        question.act = act
        question.destroyed.connect(self._forget_question)
        self.question = question
        question.open()

    def _forget_question(self) -> None:
        self.question = None

    def _button(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(SMALL)
        left.addWidget(self.tree, 1)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        for button in (self.add, self.split, self.merge, self.hide_class, self.separate):
            row.addWidget(button)
        row.addStretch(1)
        left.addLayout(row)
        side = QWidget(self)
        side.setFixedWidth(340)
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(MEDIUM)
        right.addWidget(self.form)
        right.addWidget(self.apply, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._said)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(LARGE)
        columns.addLayout(left, 1)
        columns.addWidget(side)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        for text, signal in (("Import…", self.import_asked), ("Export…", self.export_asked)):
            button = buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
            button.clicked.connect(signal)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        column.setSpacing(MEDIUM)
        column.addLayout(columns, 1)
        column.addWidget(buttons)
        self.resize(1060, 620)
