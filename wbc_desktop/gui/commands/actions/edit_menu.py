"""The Edit menu: taking back."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

EDIT = (
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
        id="history",
        text="&History…",
        menu="&Edit",
        tooltip="What was done, by whom and when; show its cells or take back an old step",
        keys=("H",),
    ),
    ActionSpec(
        id="taxonomy",
        text="&Classes…",
        menu="&Edit",
        tooltip="Add, rename, re-key, recolour, merge, split or hide the classes of the workspace",
        keys=("Ctrl+T",),
    ),
    ActionSpec(
        id="change_reader",
        text="Change r&eader…",
        menu="&Edit",
        tooltip="Change the name written beside your labels",
        separated=True,
    ),
    ActionSpec(
        id="settings",
        text="&Settings…",
        menu="&Edit",
        tooltip="Change what the program remembers for you, and its keys",
        keys=("Ctrl+,",),
    ),
)
