"""The Help menu: help."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

HELP = (
    ActionSpec(
        id="command_palette",
        text="Find a &command…",
        menu="&Help",
        tooltip="Run any command or give any label by a few letters of its name",
        keys=("Ctrl+K",),
        icon="search",
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
        id="change_keys",
        text="C&hange keys…",
        menu="&Help",
        tooltip="Give commands and classes other keys",
    ),
    ActionSpec(
        id="tour",
        text="&Tour",
        menu="&Help",
        tooltip="Show the parts of the window in seven steps",
        keys=("Shift+F1",),
    ),
    ActionSpec(
        id="crash_reports",
        text="Crash &reports…",
        menu="&Help",
        tooltip="What went wrong inside the program; kept on this computer, never sent",
        separated=True,
    ),
    ActionSpec(
        id="about",
        text="&About WBC Desktop",
        menu="&Help",
        tooltip="Version, licence, research-use notice",
        icon="about",
    ),
)
