"""Help > About: version, what it may be used for, licences."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from wbc_desktop import RESEARCH_USE_ONLY, __version__, paths
from wbc_desktop.gui.help.licences_dialog import LicencesDialog, licences
from wbc_desktop.gui.widgets.icons import app_icon
from wbc_desktop.gui.widgets.theme import LARGE, SMALL, WIDE, section_head, set_rank

_WIDTH = 520  # pixels
_LICENCES = (
    "WBC Desktop is free software under the Apache Licence 2.0. It uses Qt and PySide6, © The Qt "
    "Company Ltd. and others, under the LGPL 3: they are libraries of their own, which you may "
    "replace. The licences of all parts stand under Licences. LOINC codes: © Regenstrief "
    "Institute, Inc."
)


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
