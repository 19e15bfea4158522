"""The status bar: who reads, which model, which site, saved or not, and what is running."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import SMALL, figures, set_rank

_NAME_WIDTH = 220  # px


def remaining(eta_s: float | None) -> str:
    """Return a remaining time in words that do not flicker."""
    if not eta_s:  # not known yet, or done
        return ""
    if eta_s < 60:
        return f", {max(1, round(eta_s))} s left"
    return f", {round(eta_s / 60)} min left"


class StatusLine(QStatusBar):
    """Facts at the left, the running task at the right.

    Signals:
        reader_asked: The reader's name was clicked.
        stop_asked: The running task shall stop.
        told: What runs, how many of it are done and how many there are; empty once nothing does.
    """

    reader_asked = Signal()
    stop_asked = Signal()
    told = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._model_id = ""
        self._reader = QToolButton(self)
        self._reader.setProperty("flat", True)
        self._reader.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._reader.clicked.connect(self.reader_asked)
        self._model, self._site = ElidedLabel(self), ElidedLabel(self)
        self._saved = QLabel(self)
        self._saved.setToolTip("Every label is saved the moment it is made")
        notice = QLabel("Research use only", self)
        notice.setToolTip(RESEARCH_USE_ONLY)
        self._progress = _Progress(self)
        self._progress.stop.clicked.connect(self.stop_asked)
        for widget in (self._reader, self._model, self._site, self._saved):
            self.addWidget(widget)
        self.addPermanentWidget(self._progress)
        self.addPermanentWidget(notice)
        for label in (self._model, self._site, self._saved, notice):
            set_rank(label, "second")
            label.setContentsMargins(SMALL, 0, SMALL, 0)
        self._progress.hide()
        self.show_reader("")

    def show_reader(self, name: str) -> None:
        """Show the reader's name."""
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _NAME_WIDTH)
        self._reader.setText(f"Reader: {short or 'not named yet'}")
        tip = "Name written beside your labels; click to change it"
        self._reader.setToolTip(tip if short == name else f"{name}\n{tip}")

    @property
    def model(self) -> str:
        """Id of the model that classifies, or empty while none is known."""
        return self._model_id

    def show_model(self, model_id: str) -> None:
        """Show which model classifies."""
        self._model_id = model_id
        self._model.show_text(f"Model: {model_id}" if model_id else "")

    def show_site(self, site: str) -> None:
        """Show the site of the cells on view."""
        self._site.show_text(f"Site: {site}" if site else "")

    def show_saved(self, text: str) -> None:
        """Show whether everything is saved."""
        self._saved.setText(text)

    def show_progress(
        self, text: str, *, done: int, total: int, rate: float = 0, eta_s: float | None = None
    ) -> None:
        """Show how far the running task has come.

        Args:
            text: What is running, in one or two words.
            done: Items finished.
            total: All items; 0 while it is not known.
            rate: Items per second.
            eta_s: Remaining time in seconds, or None.
        """
        count = f" {done:,} of {total:,}" if total else ""
        speed = f", {rate:,.0f}/s" if rate >= 1 else ""
        self._progress.label.show_text(f"{text}{count}{speed}{remaining(eta_s)}")
        self._progress.bar.setMaximum(total)
        self._progress.bar.setValue(done)
        self._progress.show()
        self.told.emit(text, done, total)

    def end_progress(self) -> None:
        """Nothing is running any more."""
        self._progress.hide()
        self.told.emit("", 0, 0)

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._reader.setIcon(icons["patient"])
        self._progress.stop.setIcon(icons["stop"])


class _Progress(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(self)
        self.label.setFont(figures(self.font()))
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, SMALL)
        self.bar.setAccessibleName("Progress of the running task")
        self.stop = QToolButton(self)
        self.stop.setProperty("flat", True)
        self.stop.setText("Stop")
        self.stop.setToolTip("Stop; what is finished stays (Ctrl+.)")
        self.stop.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SMALL)
        row.addWidget(self.label)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
