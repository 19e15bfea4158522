"""The Help menu: help."""

from wbc_desktop.gui.actions.spec import ActionSpec

HELP = (
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
