"""The table of everything a reader can do: menus, toolbar, tooltips, help page derive from it.

To add an action, append an ``ActionSpec`` and give its id a handler in ``workbench.handlers``; a
test fails while either is missing. Keys of classes come from the taxonomy and are never listed
here. A key may stand only once in both tables.
"""

from dataclasses import dataclass

from wbc_desktop.domain.taxonomy import Taxonomy

MENUS = ("&File", "&Edit", "&Cells", "C&lassify", "&View", "&Help")

# Single keys kept for commands; no class may take them. U and X are the classes unidentified and
# artefact; C, S, R and P belong to views that come later.
RESERVED_KEYS = frozenset(
    {"Space", "Backspace", "F", "N", "C", "S", "R", "Z", "G", "P", "A", "Q", "?"}
)


@dataclass(frozen=True, kw_only=True)
class ActionSpec:
    """One command of the window.

    Attributes:
        id: Name in code and settings.
        text: What the menu says.
        menu: One of ``MENUS``.
        tooltip: One sentence; the shortcut is appended to it.
        keys: Shortcuts, the first one shown.
        icon: Name in ``resources/icons``, or empty.
        toolbar: Short text on the toolbar, or empty where it is not on the toolbar.
        choice: Name of the group of which exactly one action is checked, or empty.
        separated: True if a line stands above it in the menu.
        needs_cells: True if it makes sense only while cells are shown.
    """

    id: str
    text: str
    menu: str
    tooltip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    toolbar: str = ""
    choice: str = ""
    separated: bool = False
    needs_cells: bool = False


ACTIONS = (
    ActionSpec(
        id="import_folder",
        text="&Import patient folder…",
        menu="&File",
        tooltip="Import a folder of cell images; you can also drop it onto the window",
        keys=("Ctrl+I",),
        icon="import",
        toolbar="Import",
    ),
    ActionSpec(
        id="import_file",
        text="Import &file…",
        menu="&File",
        tooltip="Import a ZIP, CSV, HDF5 or NPZ file of cell images",
        keys=("Ctrl+Shift+I",),
    ),
    ActionSpec(
        id="open_workspace",
        text="&Open workspace…",
        menu="&File",
        tooltip="Open another workspace, or make one in an empty folder",
        keys=("Ctrl+O",),
        icon="open",
        separated=True,
    ),
    ActionSpec(
        id="open_demo",
        text="&Try the demo patient",
        menu="&File",
        tooltip="Render a patient of 200 drawn cells and open it in a workspace of its own",
        icon="demo",
    ),
    ActionSpec(
        id="export_cells",
        text="&Export cells as CSV…",
        menu="&File",
        tooltip="Write one row per cell: prediction, label, reader, time",
        keys=("Ctrl+E",),
        icon="export",
        toolbar="Export",
        separated=True,
        needs_cells=True,
    ),
    ActionSpec(
        id="export_differential",
        text="Export &differential as CSV…",
        menu="&File",
        tooltip="Write the differential with its 95 % intervals",
        needs_cells=True,
    ),
    ActionSpec(
        id="export_audit",
        text="Export &audit log as CSV…",
        menu="&File",
        tooltip="Write every recorded act with its hash",
    ),
    ActionSpec(
        id="export_report",
        text="Write &report…",
        menu="&File",
        tooltip="Write the differential and the cells of each class as one page to read or print",
        needs_cells=True,
    ),
    ActionSpec(
        id="quit",
        text="&Quit",
        menu="&File",
        tooltip="Close the window; everything is saved already",
        keys=("Ctrl+Q",),
        separated=True,
    ),
    ActionSpec(
        id="undo",
        text="&Undo",
        menu="&Edit",
        tooltip="Take back your last act, also after a restart",
        keys=("Ctrl+Z",),
        icon="undo",
        toolbar="Undo",
    ),
    ActionSpec(
        id="redo",
        text="&Redo",
        menu="&Edit",
        tooltip="Do again what you took back",
        keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        icon="redo",
        toolbar="Redo",
    ),
    ActionSpec(
        id="change_reader",
        text="Change r&eader…",
        menu="&Edit",
        tooltip="Change the name written beside your labels",
        separated=True,
    ),
    ActionSpec(
        id="accept",
        text="&Accept the model's label",
        menu="&Cells",
        tooltip="Accept the model's label and go on to the next cell",
        keys=("Space",),
        icon="accept",
        needs_cells=True,
    ),
    ActionSpec(
        id="accept_group",
        text="Accept the whole &group",
        menu="&Cells",
        tooltip="Accept the model's label for every shown cell of this group",
        keys=("A",),
        icon="accept_group",
        needs_cells=True,
    ),
    ActionSpec(
        id="previous",
        text="&Back to the previous cell",
        menu="&Cells",
        tooltip="Go back to the cell you came from",
        keys=("Backspace",),
        icon="previous",
        needs_cells=True,
    ),
    ActionSpec(
        id="flag",
        text="&Flag or unflag",
        menu="&Cells",
        tooltip="Mark cells to look at again",
        keys=("F",),
        icon="flag",
        separated=True,
        needs_cells=True,
    ),
    ActionSpec(
        id="note",
        text="Write a &note",
        menu="&Cells",
        tooltip="Write a note on the current cell",
        keys=("N",),
        icon="note",
        needs_cells=True,
    ),
    ActionSpec(
        id="classify",
        text="&Classify new cells",
        menu="C&lassify",
        tooltip="Classify every cell that this model has not seen; goes on where it stopped",
        keys=("Ctrl+R",),
        icon="classify",
        toolbar="Classify",
        needs_cells=True,
    ),
    ActionSpec(
        id="stop",
        text="&Stop the running task",
        menu="C&lassify",
        tooltip="Stop importing or classifying; what is finished stays",
        keys=("Ctrl+.",),
        icon="stop",
    ),
    ActionSpec(
        id="regroup",
        text="&Regroup now",
        menu="C&lassify",
        tooltip="Move newly classified cells into their groups",
        keys=("Ctrl+G",),
        icon="regroup",
        needs_cells=True,
    ),
    ActionSpec(
        id="focus_gallery",
        text="Go to the &gallery",
        menu="&View",
        tooltip="Give the keyboard to the gallery",
        keys=("G",),
    ),
    ActionSpec(
        id="actual_size",
        text="&Zoom 1:1 or fit",
        menu="&View",
        tooltip="Show the large cell pixel by pixel, or whole again",
        keys=("Z",),
        icon="actual_size",
        needs_cells=True,
    ),
    ActionSpec(
        id="clear_filter",
        text="Sho&w all cells",
        menu="&View",
        tooltip="Remove every filter",
        keys=("Ctrl+Shift+F",),
        icon="clear",
        needs_cells=True,
    ),
    ActionSpec(
        id="slide_quality",
        text="Slide &quality",
        menu="&View",
        tooltip="Say whether the chosen slides are like the training sites, or hide it again",
        keys=("Q",),
        icon="slide_quality",
        needs_cells=True,
    ),
    ActionSpec(
        id="larger_tiles",
        text="&Larger tiles",
        menu="&View",
        tooltip="Show fewer, larger cells",
        keys=("Ctrl++", "Ctrl+="),
        icon="larger",
        separated=True,
    ),
    ActionSpec(
        id="smaller_tiles",
        text="S&maller tiles",
        menu="&View",
        tooltip="Show more, smaller cells",
        keys=("Ctrl+-",),
        icon="smaller",
    ),
    ActionSpec(
        id="theme_system",
        text="Colours of the &system",
        menu="&View",
        tooltip="Light or dark as the desktop is",
        choice="theme",
        separated=True,
    ),
    ActionSpec(
        id="theme_light",
        text="L&ight colours",
        menu="&View",
        tooltip="Always light",
        choice="theme",
    ),
    ActionSpec(
        id="theme_dark",
        text="&Dark colours",
        menu="&View",
        tooltip="Always dark",
        choice="theme",
    ),
    ActionSpec(
        id="shortcuts",
        text="&Keyboard shortcuts",
        menu="&Help",
        tooltip="List every key",
        keys=("?", "F1"),
        icon="keyboard",
    ),
    ActionSpec(
        id="about",
        text="&About WBC Desktop",
        menu="&Help",
        tooltip="Version, licence, research-use notice",
        icon="about",
    ),
)


def plain(text: str) -> str:
    """Return a menu text without its mnemonic marks."""
    return text.replace("&", "")


def tooltip(spec: ActionSpec) -> str:
    """Return the sentence and the first key of an action."""
    return f"{spec.tooltip} ({spec.keys[0]})" if spec.keys else spec.tooltip


def keys_in_use(taxonomy: Taxonomy) -> tuple[tuple[str, str], ...]:
    """Return every key and what it does, of actions and classes: the help page's rows."""
    rows = [(key, plain(spec.text).rstrip("…")) for spec in ACTIONS for key in spec.keys]
    rows += [(c.hotkey, f"Label as {c.name.lower()}") for c in taxonomy.classes]
    return tuple(rows)
