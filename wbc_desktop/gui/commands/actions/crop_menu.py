"""View > Large cell: how the chosen cell is shown, for looking only."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

_SUBMENU = "Large c&ell"

CROP = (
    ActionSpec(
        id="zoom_in",
        text="Zoom &in",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Show the large cell larger",
        keys=("Alt+Up",),
        needs_cells=True,
    ),
    ActionSpec(
        id="zoom_out",
        text="Zoom &out",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Show the large cell smaller",
        keys=("Alt+Down",),
        needs_cells=True,
    ),
    ActionSpec(
        id="display_tones",
        text="&Brightness, contrast, gamma",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Change how bright the large cell is shown, for display only",
        keys=("Ctrl+Shift+B",),
        icon="display",
        separated=True,
        needs_cells=True,
    ),
    ActionSpec(
        id="stain_channel",
        text="Next stain &channel",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Show the large cell as it is, its nuclear dye only, or its eosin only",
        keys=("Ctrl+Shift+N",),
        icon="stain",
        needs_cells=True,
    ),
    ActionSpec(
        id="display_reset",
        text="Show the crop &as it is",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Take back brightness, contrast, gamma and stain channel",
        keys=("Ctrl+0",),
        needs_cells=True,
    ),
    ActionSpec(
        id="evidence",
        text="Where the &evidence lies",
        menu="&View",
        submenu=_SUBMENU,
        tooltip="Lay over the large cell what speaks for its class, as the model sees it",
        keys=("E",),
        icon="evidence",
        separated=True,
        needs_cells=True,
    ),
)
