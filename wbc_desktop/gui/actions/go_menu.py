"""The Go menu: where the keyboard goes."""

from wbc_desktop.gui.actions.spec import ActionSpec

GO = (
    ActionSpec(
        id="focus_gallery",
        text="&Gallery",
        menu="&Go",
        tooltip="Give the keyboard to the gallery",
        keys=("G",),
    ),
)
