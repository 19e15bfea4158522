"""Opens the settings dialog, and lets what is changed there be seen at once."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QWidget

from wbc_desktop import paths
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.keys_dialog import KeysDialog
from wbc_desktop.gui.context import AppContext
from wbc_desktop.gui.settings.appearance import Appearance
from wbc_desktop.gui.settings.reader_name import ReaderName, account_name
from wbc_desktop.gui.settings.setting_row import SettingRow
from wbc_desktop.gui.settings.settings_dialog import SettingsDialog
from wbc_desktop.gui.workspace.workspace_folders import with_tilde
from wbc_desktop.gui.workspace_controller import WorkspaceController


class SettingsController:
    """The settings dialog over the window.

    Args:
        context: The window, and the settings that are changed.
        appearance: Colours.
        reader: The reader's name.
        open_workspace: Returns the open workspace, or None.
    """

    def __init__(
        self,
        context: AppContext,
        *,
        appearance: Appearance,
        reader: ReaderName,
        open_workspace: Callable[[], WorkspaceController | None],
    ) -> None:
        self._window, self._dialogs = context.window, context.dialogs
        self._settings = context.settings
        self._appearance = appearance
        self._reader = reader
        self._open_workspace = open_workspace
        self.dialog: SettingsDialog | None = None

    def open(self) -> None:
        """Open the dialog."""
        self._settings.set("tile_size", self._window.gallery.tile_size)
        dialog = SettingsDialog(
            self._settings,
            empty=_empty,
            choose_folder=self._choose_folder,
            parent=self._window,
        )
        dialog.changed.connect(self._apply)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        self._add_keys(dialog)
        self._add_folders(dialog)
        dialog.open()

    def _add_keys(self, dialog: SettingsDialog) -> None:
        keys = self._window.keys
        row = SettingRow(
            "Keys",
            "Give commands and classes other keys.",
            _button("Change &keys…", dialog, lambda: self.change_keys(dialog)),
            words=("shortcuts", "hotkeys", *(target.name for target in keys.targets)),
            reset=False,
        )
        dialog.add_row("Keys", "keys", row)

    def _add_folders(self, dialog: SettingsDialog) -> None:
        for key, label, text, folder in (
            ("settings_file", "Settings file", "Where these settings are.", self._settings.file),
            ("log", "Log and crash reports", "They name no patients.", paths.log_dir()),
        ):
            button = _button("Open folder", dialog, partial(_open_folder, folder))
            row = SettingRow(
                label,
                f"{text} {with_tilde(folder)}",
                button,
                reset=False,
            )
            dialog.add_row("Files", key, row)

    def change_keys(self, dialog: SettingsDialog) -> None:
        """Open the keys over the settings, with what is searched for there."""
        keys = KeysDialog(self._window.keys, dialog)
        keys.search(dialog.search.text())
        keys.open()

    def _choose_folder(self, start: str) -> str:
        folder = self._dialogs.choose_folder("Choose a folder", start=start)
        return str(folder) if folder is not None else ""

    def _apply(self, key: str) -> None:
        """Let a change be seen; settings that are not named here are read when they are needed."""
        window, value = self._window, self._settings.value(key)
        open_workspace = self._open_workspace()
        match key:
            case "theme":
                window.commands[f"theme_{value}"].setChecked(True)
                self._appearance.choose(str(value))
            case "tile_size":
                window.view_bar.set_tile_size(int(value))
                window.gallery.set_tile_size(int(value))
            case "reader":
                self._reader.tell()
            case "workspace_folder":
                window.show_workspace(open_workspace.workspace.folder if open_workspace else None)
        if open_workspace is not None:
            _apply_to(open_workspace, key, str(value))
        if key == "hover_labels":
            window.commands["hover_labels"].setChecked(value == "on")

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None


def _apply_to(open_workspace: WorkspaceController, key: str, value: str) -> None:
    match key:
        case "group":
            open_workspace.filter.group(GroupBy[value.upper()])
        case "sort":
            open_workspace.filter.sort(SortKey[value.upper()])
        case "hover_labels":
            open_workspace.review_workflow.hover.refresh()


def _empty(key: str) -> str:
    """Return what an empty text of a setting stands for."""
    stands_for = {
        "reader": account_name(),
        "workspace_folder": str(paths.default_workspace()),
        "last_folder": str(Path.home()),
    }
    return stands_for.get(key, "")


def _button(text: str, parent: QWidget, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: slot())
    return button


def _open_folder(path: Path) -> None:
    folder = path if path.is_dir() else path.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
