"""What stands in the middle while the workspace holds no cells: where to begin."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.gui.elided_label import ElidedLabel
from wbc_desktop.gui.icons import app_icon
from wbc_desktop.gui.theme import MEDIUM, SMALL, WIDE, section_head, set_rank


class Welcome(QWidget):
    """Two ways to begin.

    Signals:
        import_asked: Open a patient folder.
        demo_asked: Try the demo patient.
    """

    import_asked = Signal()
    demo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        icon = QLabel(self)
        icon.setPixmap(app_icon().pixmap(64, 64))
        title = QLabel("No cells in this workspace yet", self)
        title.setFont(section_head(self.font()))
        hint = QLabel(
            "Open a folder of cell images of one patient, or drop it onto this window.\n"
            "The first level of folders below a patient are the slides.",
            self,
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._place = ElidedLabel(self)
        self._notice = QLabel(RESEARCH_USE_ONLY, self)
        for label in (hint, self._place, self._notice):
            set_rank(label, "second")
        self.open_button = QPushButton("Open patient folder…", self)
        self.open_button.setToolTip("Import a folder of cell images (Ctrl+I)")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self.import_asked)
        self.demo_button = QPushButton("Try the demo patient", self)
        self.demo_button.setToolTip(
            "Render 200 drawn cells and open them in a workspace of their own"
        )
        self.demo_button.clicked.connect(self.demo_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(SMALL)
        buttons.addStretch(1)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.demo_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(MEDIUM)
        layout.addStretch(2)
        layout.addWidget(icon, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(hint, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(buttons)
        layout.addSpacing(WIDE)
        self._place.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._place)
        layout.addStretch(3)
        layout.addWidget(self._notice, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_place(self, folder: str) -> None:
        """Name the workspace that is open."""
        self._place.show_text(f"Workspace: {folder}" if folder else "")
