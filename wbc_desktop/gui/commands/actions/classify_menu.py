"""The Classify menu: the model at work."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

CLASSIFY = (
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
)
