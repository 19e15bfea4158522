"""Help > About: version, what it may be used for, and the licences of all that is bundled."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop import RESEARCH_USE_ONLY, __version__, paths
from wbc_desktop.gui.widgets.icons import app_icon
from wbc_desktop.gui.widgets.theme import LARGE, SMALL, WIDE, section_head, set_rank

_WIDTH = 520  # pixels
_LICENCES = (
    "WBC Desktop is free software under the Apache Licence 2.0. It uses Qt and PySide6, © The Qt "
    "Company Ltd. and others, under the LGPL 3: they are libraries of their own, which you may "
    "replace. The licences of all parts stand under Licences. LOINC codes: © Regenstrief "
    "Institute, Inc."
)
FILE_NAME = "licences.txt"
_NOT_BUNDLED = """\
This copy of WBC Desktop runs from Python packages. Each carries the text of its licence in a \
folder of its own, beside it in the Python environment:

{packages}

WBC Desktop itself is under the Apache License 2.0, Qt and PySide6 under the LGPL 3.
An installed program lists every part and its licence here.
"""


class AboutDialog(QDialog):
    """States the version, the model in use and the research-use notice.

    Args:
        model_id: The model that classifies, or empty while none has been opened.
    """

    def __init__(self, model_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About WBC Desktop")
        icon = QLabel(self)
        icon.setPixmap(app_icon().pixmap(64, 64))
        name = QLabel(f"WBC Desktop {__version__}", self)
        name.setFont(section_head(self.font()))
        notice = QLabel(RESEARCH_USE_ONLY, self)
        set_rank(notice, "warning")
        model = QLabel(f"Model: {model_id or 'not opened yet'}", self)
        model.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        licences = QLabel(_LICENCES, self)
        for label in (notice, licences):
            label.setWordWrap(True)
        text = QVBoxLayout()
        text.setSpacing(SMALL)
        for label in (name, notice, model, licences):
            text.addWidget(label)
        text.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(LARGE)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        self.licences = buttons.addButton("&Licences…", QDialogButtonBox.ButtonRole.ActionRole)
        self.licences.setAutoDefault(False)
        self.licences.clicked.connect(self._show_licences)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, LARGE)
        layout.setSpacing(LARGE)
        layout.addLayout(row)
        layout.addWidget(buttons)
        self.setMinimumSize(_WIDTH, layout.totalHeightForWidth(_WIDTH))  # its text wraps

    def _show_licences(self) -> None:
        LicencesDialog(licences(paths.resources_dir()), self).open()


def licences(resources: Path) -> str:
    """Return the licences of everything bundled, or where they are found if nothing is.

    Args:
        resources: Folder of the resources of the program.
    """
    try:
        return (resources / FILE_NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return _NOT_BUNDLED.format(packages=Path(__file__).parents[3])


class LicencesDialog(QDialog):
    """Shows one long text.

    Args:
        text: The licences.
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Licences")
        self.text = QPlainTextEdit(text, self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Licences of everything bundled")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.addWidget(self.text)
        layout.addWidget(buttons)
        self.resize(900, 600)
