"""What the program remembers between two starts: one table, one small JSON file.

A setting belongs to the person at this computer. What belongs to the cells (labels, notes, sites)
is in the workspace. To add a setting, append a ``Setting`` to ``SETTINGS``; its default decides its
kind, and a value of another kind in the file is ignored. One with a label stands in the settings
dialog, in the section of its name; the others are what the program remembers by itself.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop import paths
from wbc_desktop.atomic_write import atomic_file

Value = str | int
CONFIG_DIR_VARIABLE = "WBC_CONFIG_DIR"
_DAMAGED_KEPT = 3  # damaged files that are kept; the newest takes the place of the last


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
        label: What the settings dialog calls it; empty if it does not stand there.
        section: Where it stands in the settings dialog.
        names: What people call each of the choices, in their order.
        unit: Behind a number.
        is_folder: Whether the text names a folder; ``~`` stands for the home folder.
    """

    key: str
    default: Value
    text: str
    choices: tuple[Value, ...] = ()
    low: int = 0
    high: int = 1_000_000
    label: str = ""
    section: str = ""
    names: tuple[str, ...] = ()
    unit: str = ""
    is_folder: bool = False

    def accepts(self, value: object) -> bool:
        """Tell whether a value from a file or a caller may be used."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return value in self.choices
        return not isinstance(value, int) or self.low <= value <= self.high


SETTINGS = (
    Setting(
        key="reader",
        default="",
        text="Name or initials written beside every label you give.",
        label="Reader",
        section="Reading",
    ),
    Setting(
        key="accept_threshold",
        default=95,
        text="Least confidence in percent of the cells that are accepted as a group.",
        low=50,
        high=99,
        label="Sure from",
        section="Reading",
        unit=" %",
    ),
    Setting(
        key="hover_labels",
        default="off",
        text="Whether the keys label the cell under the mouse.",
        choices=("off", "on"),
        label="Keys label",
        section="Reading",
        names=("The selected cells", "The cell under the mouse"),
    ),
    Setting(
        key="theme",
        default="system",
        text="Colours of the window.",
        choices=("system", "light", "dark"),
        label="Colours",
        section="Window",
        names=("As the desktop is", "Light", "Dark"),
    ),
    Setting(
        key="tile_size",
        default=112,
        text="Side of a gallery tile in pixels.",
        low=64,
        high=320,
        label="Size of the tiles",
        section="Window",
        unit=" px",
    ),
    Setting(
        key="group",
        default="class",
        text="What the cells of a group have in common.",
        choices=("class", "patient", "slide", "status", "reader"),
        label="Groups",
        section="Window",
        names=("Class", "Patient", "Slide", "Review state", "Reader"),
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
        label="Order",
        section="Window",
        names=(
            "Surest first",
            "Least sure first",
            "Smallest margin first",
            "Highest entropy first",
            "Most could-be classes first",
            "Most unusual first",
            "Disagreement first",
            "Last reviewed first",
            "Import order",
        ),
    ),
    Setting(
        key="workspace_folder",
        default="",
        text="Workspace for cells that you import while no other one is open.",
        label="Usual workspace",
        section="Files",
        is_folder=True,
    ),
    Setting(
        key="last_folder",
        default="",
        text="Folder where file dialogs start: the one used last.",
        label="File dialogs start in",
        section="Files",
        is_folder=True,
    ),
    Setting(
        key="last_site",
        default="",
        text="Name of the laboratory or scanner that an import proposes: the one used last.",
        label="Site",
        section="Files",
    ),
    Setting(key="last_workspace", default="", text="Workspace that opens at start."),
    Setting(
        key="recent_workspaces",
        default="",
        text="Workspaces opened last, and what was shown there, as JSON.",
    ),
    Setting(
        key="tour_offered",
        default="no",
        text="Whether the tour has been offered.",
        choices=("no", "yes"),
    ),
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

    A file that cannot be read counts as empty, and a damaged one is set aside under another name:
    settings never stop the program from starting. A file that cannot be written leaves the values
    valid until the program ends.

    Args:
        file: The JSON file; made with its folder when first written.
        on_write_error: Told the ``OSError`` when the file cannot be written.

    Attributes:
        file: The same file.
        set_aside: Where the damaged file is now, or None if it was sound.
    """

    def __init__(
        self, file: Path, *, on_write_error: Callable[[OSError], None] | None = None
    ) -> None:
        self.file = file
        self.set_aside: Path | None = None
        self._on_write_error = on_write_error
        self._values: dict[str, Value] = {}
        try:
            self._values = _read(file)
        except ValueError:
            self.set_aside = _put_aside(file)

    def text(self, key: str) -> str:
        """Return a text setting."""
        return str(self.value(key))

    def number(self, key: str) -> int:
        """Return a number setting."""
        return int(self.value(key))

    def value(self, key: str) -> Value:
        """Return a setting of either kind."""
        return self._values.get(key, _BY_KEY[key].default)

    def is_changed(self, key: str) -> bool:
        """Tell whether a setting differs from its default."""
        return self.value(key) != _BY_KEY[key].default

    def set(self, key: str, value: Value) -> None:
        """Set a value and write the file if it changed.

        Raises:
            ValueError: If the setting does not take this value.
        """
        if not _BY_KEY[key].accepts(value):
            raise ValueError(f"setting {key} does not take {value!r}")
        if self.value(key) == value:
            return
        self._values[key] = value
        try:
            _write(self.file, self._values)
        except OSError as error:
            if self._on_write_error is not None:
                self._on_write_error(error)


def offered() -> Mapping[str, Sequence[Setting]]:
    """Return the settings that a person may change, by section, in the order of the table."""
    sections: dict[str, list[Setting]] = {}
    for setting in SETTINGS:
        if setting.label:
            sections.setdefault(setting.section, []).append(setting)
    return sections


def _read(file: Path) -> dict[str, Value]:
    """Read the values that can be used.

    Raises:
        ValueError: If the file is damaged.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - the file is at fault, not a caller
    return {
        key: found[key]
        for key, setting in _BY_KEY.items()
        if key in found and setting.accepts(found[key])
    }


def _put_aside(file: Path) -> Path:
    """Give a damaged file another name, so that what it held is not written over."""
    names = (f"{file.stem}.damaged-{n}{file.suffix}" for n in range(1, _DAMAGED_KEPT + 1))
    places = [file.with_name(name) for name in names]
    free = next((place for place in places if not place.exists()), places[-1])
    try:
        return file.replace(free)
    except OSError:
        return file  # it stays where it is, until the next change is written


def _write(file: Path, values: Mapping[str, Value]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False)
    with atomic_file(file, private=True) as stream:
        stream.write(f"{text}\n".encode())
