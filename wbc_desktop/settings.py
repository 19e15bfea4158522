"""What the program remembers between two starts: one table, one small JSON file.

A setting belongs to the person at this computer. What belongs to the cells (labels, notes, sites)
is in the workspace. To add a setting, append a ``Setting`` to ``SETTINGS``; its default decides its
kind, and a value of another kind in the file is ignored.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop import paths

Value = str | int
CONFIG_DIR_VARIABLE = "WBC_CONFIG_DIR"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One remembered value.

    Attributes:
        key: Its name in the file.
        default: Its value until it is set; also gives the kind: text or number.
        text: What it means, for people.
        choices: The values allowed, or empty if any of the kind will do.
        low: Smallest number allowed.
        high: Largest number allowed.
    """

    key: str
    default: Value
    text: str
    choices: tuple[Value, ...] = ()
    low: int = 0
    high: int = 1_000_000

    def accepts(self, value: object) -> bool:
        """Tell whether a value from a file or a caller may be used."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return value in self.choices
        return not isinstance(value, int) or self.low <= value <= self.high


SETTINGS = (
    Setting(key="reader", default="", text="Name written beside every label you give."),
    Setting(
        key="theme",
        default="system",
        text="Colours of the window.",
        choices=("system", "light", "dark"),
    ),
    Setting(
        key="tile_size", default=112, text="Side of a gallery tile in pixels.", low=64, high=320
    ),
    Setting(
        key="sort",
        default="confidence_desc",
        text="Order of the cells in each group.",
        choices=(
            "confidence_desc",
            "confidence_asc",
            "least_margin",
            "most_entropy",
            "largest_set",
            "unusual_first",
            "disagreement",
            "reviewed_last_first",
            "import_order",
        ),
    ),
    Setting(
        key="group",
        default="class",
        text="What the cells of a group have in common.",
        choices=("class", "patient", "slide", "status", "reader"),
    ),
    Setting(
        key="accept_threshold",
        default=95,
        text="Least confidence in percent of the cells that are accepted as a group.",
        low=50,
        high=99,
    ),
    Setting(
        key="hover_labels",
        default="off",
        text="Whether the keys label the cell under the mouse.",
        choices=("off", "on"),
    ),
    Setting(key="last_workspace", default="", text="Workspace that opens at start."),
    Setting(key="last_folder", default="", text="Folder where file dialogs start."),
    Setting(key="last_site", default="", text="Site named in the last import."),
    Setting(key="geometry", default="", text="Size and place of the window, as Qt saves them."),
    Setting(
        key="open_sections",
        default="probabilities,nearest,history,about",
        text="Sections of the right panel that are not folded away.",
    ),
    Setting(key="splitters", default="", text="Widths of the panels, as Qt saves them."),
    Setting(key="keys", default="", text="Keys that differ from the program's own, as JSON."),
    Setting(key="recent_commands", default="", text="Commands last run from the palette."),
)
_BY_KEY: Mapping[str, Setting] = {setting.key: setting for setting in SETTINGS}


def default_file() -> Path:
    """Return the settings file: in ``$WBC_CONFIG_DIR`` if set, else the user's own folder."""
    named = os.environ.get(CONFIG_DIR_VARIABLE)
    return (Path(named) if named else paths.config_dir()) / "settings.json"


class Settings:
    """The values, read once and written whenever one changes.

    A file that cannot be read or is damaged counts as empty: settings never stop the program
    from starting. A file that cannot be written leaves the values valid until the program ends.

    Args:
        file: The JSON file; made with its folder when first written.
        on_write_error: Told the ``OSError`` when the file cannot be written.
    """

    def __init__(
        self, file: Path, *, on_write_error: Callable[[OSError], None] | None = None
    ) -> None:
        self._file = file
        self._on_write_error = on_write_error
        self._values = _read(file)

    def text(self, key: str) -> str:
        """Return a text setting."""
        return str(self._value(key))

    def number(self, key: str) -> int:
        """Return a number setting."""
        return int(self._value(key))

    def _value(self, key: str) -> Value:
        return self._values.get(key, _BY_KEY[key].default)

    def set(self, key: str, value: Value) -> None:
        """Set a value and write the file if it changed.

        Raises:
            ValueError: If the setting does not take this value.
        """
        if not _BY_KEY[key].accepts(value):
            raise ValueError(f"setting {key} does not take {value!r}")
        if self._value(key) == value:
            return
        self._values[key] = value
        try:
            _write(self._file, self._values)
        except OSError as error:
            if self._on_write_error is not None:
                self._on_write_error(error)


def _read(file: Path) -> dict[str, Value]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: found[key]
        for key, setting in _BY_KEY.items()
        if key in found and setting.accepts(found[key])
    }


def _write(file: Path, values: Mapping[str, Value]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(values, stream, indent=2, sort_keys=True, ensure_ascii=False)
            stream.write("\n")
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
