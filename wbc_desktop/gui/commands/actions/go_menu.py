"""The Go menu: where the keyboard goes."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

GO = (
    ActionSpec(
        id="focus_gallery",
        text="Go to the &gallery",
        menu="&Go",
        tooltip="Give the keyboard to the gallery",
        keys=("G",),
    ),
    ActionSpec(
        id="focus_filter",
        text="Go to the &filter",
        menu="&Go",
        tooltip="Type what to show, such as class:monocyte conf:<0.7",
        keys=("Ctrl+F",),
        icon="search",
        needs_cells=True,
    ),
    ActionSpec(
        id="compare",
        text="&Compare cells",
        menu="&Go",
        tooltip="Put 2 to 8 selected cells side by side with one zoom, or go back to the gallery",
        keys=("C",),
        icon="compare",
        needs_cells=True,
    ),
)
