"""The dry run: what an import would add and leave out, before anything is written."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, figures, section_head

if TYPE_CHECKING:  # the window is painted before the import loads
    from wbc_desktop.services.importing.plan import ImportPlan
    from wbc_desktop.services.importing.progress import ImportProgress

_LAYOUTS = {
    "slides": "One patient, folders are slides",
    "classes": "One patient, folders are cell classes",
    "patients": "Several patients, each folder is one",
}
NO_LABELS = "none"
_LABELS = {
    NO_LABELS: "Do not read labels",
    "folder": "From the names of folders",
    "prefix": "From the beginning of file names",
    "csv": "From a CSV file beside the images",
}
_LISTED = 2000  # problems listed; the rest is counted


class ImportDialog(QDialog):
    """Shows the plan and lets the reader choose how it is made.

    Signals:
        options_changed: Layout, scale, site or labels were changed; the plan is out of date.
    """

    options_changed = Signal()

    def __init__(self, names: str, *, site: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import")
        self._head = ElidedLabel(self)
        self._head.setFont(section_head(self.font()))
        self._head.show_text(names)
        self._summary = self._text()
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(SMALL)
        self._bar.setMaximum(0)
        self._folder_layout = QComboBox(self)
        self._labels = QComboBox(self)
        for key, text in _LABELS.items():
            self._labels.addItem(text, key)
        self._labels.setToolTip("Labels of the source are kept beside and never shown to the model")
        self._site = QLineEdit(site, self)
        self._site.setPlaceholderText("Name of the laboratory or scanner (optional)")
        self._scale = QLineEdit(self)
        self._scale.setPlaceholderText("Not known: the model estimates it")
        numbers = QDoubleValidator(0.001, 10, 4, self._scale)
        numbers.setLocale(QLocale.c())
        self._scale.setValidator(numbers)
        self._problems = self._table()
        self._copy = QPushButton("Copy list", self)
        self._copy.setToolTip("Copy every file named above, with its reason, to the clipboard")
        self._copy.setAutoDefault(False)
        self._copy.hide()
        self._rows: list[tuple[str, str]] = []
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ResetRole)
        self._go = QPushButton("Import", self)
        self._go.setEnabled(False)
        self._go.setDefault(True)
        self._buttons.addButton(self._go, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._copy.clicked.connect(self.copy_list)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._folder_layout.currentIndexChanged.connect(self._changed)
        self._labels.currentIndexChanged.connect(self._changed)
        self._site.editingFinished.connect(self._changed)
        self._scale.editingFinished.connect(self._changed)
        self._enable(plan_is_ready=False)

    @property
    def folder_layout(self) -> str:
        """The layout chosen: ``auto`` until the first plan has come."""
        return str(self._folder_layout.currentData() or "auto")

    @property
    def labels(self) -> str:
        """Where labels are read from."""
        return str(self._labels.currentData())

    @property
    def site(self) -> str:
        """Name of the site, or empty."""
        return self._site.text().strip()

    @property
    def um_per_px(self) -> float | None:
        """Scale in µm per pixel, or None."""
        text = self._scale.text().strip().replace(",", ".")
        return float(text) if text and self._scale.hasAcceptableInput() else None

    @property
    def summary(self) -> str:
        """What would happen, as the reader sees it."""
        return self._summary.text()

    def listed(self) -> list[tuple[str, str]]:
        """Return the files that are named, each with the reason."""
        rows = (self._problems.topLevelItem(i) for i in range(self._problems.topLevelItemCount()))
        return [(row.text(0), row.text(1)) for row in rows if row is not None]

    def choose_layout(self, layout: str) -> None:
        """Read the folders in another way, as a choice in the box would."""
        self._folder_layout.setCurrentIndex(self._folder_layout.findData(layout))

    @property
    def import_button(self) -> QPushButton:
        """The button that starts the import."""
        return self._go

    def show_progress(self, progress: "ImportProgress") -> None:
        """Show how far the look at the files has come."""
        words = "Looking for images" if progress.stage.value == "listing" else "Checking images"
        count = (
            f"{progress.done:,} of {progress.total:,}" if progress.total else f"{progress.done:,}"
        )
        self._summary.setText(f"{words}: {count}")
        self._bar.setMaximum(progress.total)
        self._bar.setValue(progress.done)

    def show_plan(self, plan: "ImportPlan") -> None:
        """Show what would happen."""
        with QSignalBlocker(self._folder_layout):
            self._folder_layout.clear()
            for layout in (plan.layout, *plan.other_layouts):
                self._folder_layout.addItem(_LAYOUTS[layout.value], layout.value)
        self._summary.setText(f"{plan.layout_text}\n\n{counts(plan)}")
        self._fill(plan)
        self._go.setText(f"Import {plan.n_new:,} cells" if plan.n_new else "Import")
        self._bar.hide()
        self._enable(plan_is_ready=True)
        self._folder_layout.setEnabled(bool(plan.other_layouts))
        self._go.setEnabled(plan.n_new > 0)
        if plan.n_new:
            self._go.setFocus()

    def show_refusal(self, text: str) -> None:
        """Say why there is no plan with these choices."""
        self._summary.setText(text)
        self._bar.hide()
        self._enable(plan_is_ready=True)
        self._go.setEnabled(False)

    def copy_list(self) -> None:
        """Put all files that are named onto the clipboard, one line each: path, tab, reason."""
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in self._rows))

    def _changed(self) -> None:
        self._go.setEnabled(False)
        self.options_changed.emit()

    def _enable(self, *, plan_is_ready: bool) -> None:
        for widget in (self._folder_layout, self._labels, self._site, self._scale):
            widget.setEnabled(plan_is_ready)

    def _fill(self, plan: "ImportPlan") -> None:
        rows: list[tuple[str, str]] = [(p.path, p.reason) for p in plan.unreadable]
        for duplicate in plan.duplicates:
            act = "kept" if duplicate.kept else "skipped"
            rows.append((duplicate.path, f"{act}: {duplicate.reason}"))
        self._rows = rows
        self._copy.setVisible(bool(rows))
        self._problems.clear()
        items = [QTreeWidgetItem([path, reason]) for path, reason in rows[:_LISTED]]
        if len(rows) > _LISTED:
            items.append(QTreeWidgetItem(["…", f"and {len(rows) - _LISTED:,} more"]))
        for item in items:
            item.setToolTip(0, item.text(0))
            item.setToolTip(1, item.text(1))
        self._problems.addTopLevelItems(items)
        self._problems.setVisible(bool(items))

    def _text(self) -> QLabel:
        label = QLabel("Looking for images …", self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(figures(self.font()))
        label.setMinimumHeight(6 * label.fontMetrics().height())
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return label

    def _table(self) -> QTreeWidget:
        table = QTreeWidget(self)
        table.setHeaderLabels(["File", "Why it is named here"])
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        table.header().setStretchLastSection(True)
        table.header().resizeSection(0, 260)
        table.setMinimumHeight(120)
        table.setAccessibleName("Files left out, and duplicates")
        table.hide()
        return table

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(SMALL)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Folders", self._folder_layout)
        form.addRow("&Labels", self._labels)
        form.addRow("&Site", self._site)
        form.addRow("S&cale (µm/px)", self._scale)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.setSpacing(MEDIUM)
        layout.addWidget(self._head)
        layout.addWidget(self._summary, 1)
        layout.addWidget(self._bar)
        layout.addLayout(form)
        layout.addWidget(self._problems, 4)
        layout.addWidget(self._buttons)
        self.resize(600, 400)


def counts(plan: "ImportPlan") -> str:
    """Return the counts of a plan, one line each; lines that count nothing are left out."""
    known = sum(patient.known for patient in plan.patients)
    cells, slides = _count(plan.n_new, "new cell"), _count(plan.n_slides, "slide")
    elsewhere, labelled = len(plan.duplicates) - plan.n_skipped, sum(plan.labels.values())
    lines = (
        (plan.n_new, f"{cells} on {slides} of {_count(len(plan.patients), 'patient')}"),
        (known, f"{known:,} of them known already: the cells are added"),
        (plan.n_skipped, f"{plan.n_skipped:,} skipped: the same image is there already"),
        (elsewhere, f"{elsewhere:,} also seen in another patient: check the names"),
        (len(plan.unreadable), f"{len(plan.unreadable):,} cannot be read; the reasons are below"),
        (plan.n_not_images, f"{plan.n_not_images:,} other files ignored"),
        (labelled, f"{labelled:,} cells carry a label of the source"),
    )
    text = "\n".join(line for n, line in lines if n)
    return text if plan.n_new else f"There is nothing new to import.\n{text}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
