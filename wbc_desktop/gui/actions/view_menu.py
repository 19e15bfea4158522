"""The View menu: how the window shows the cells."""

from wbc_desktop.gui.actions.spec import ActionSpec

VIEW = (
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
)
