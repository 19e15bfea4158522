"""Help > About > Licences: the texts of everything that is bundled with the program.

An installed program carries them in one file, written when it was built (`packaging/licences.py`).
"""

from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from wbc_desktop.gui.widgets.theme import LARGE

FILE_NAME = "licences.txt"
_NOT_BUNDLED = """\
This copy of WBC Desktop runs from Python packages. Each carries the text of its licence in a \
folder of its own, beside it in the Python environment:

{packages}

WBC Desktop itself is under the Apache License 2.0, Qt and PySide6 under the LGPL 3.
An installed program lists every part and its licence here.
"""


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
