"""The Go menu: where the keyboard goes."""

from wbc_desktop.gui.actions.spec import ActionSpec

GO = (
    ActionSpec(
        id="focus_gallery",
        text="Go to the &gallery",
        menu="&Go",
        tooltip="Give the keyboard to the gallery",
        keys=("G",),
    ),
)
