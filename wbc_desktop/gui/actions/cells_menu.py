"""The Cells menu: what is said of cells."""

from wbc_desktop.gui.actions.spec import ActionSpec

CELLS = (
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
        keys=("Shift+Space",),
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
        id="attributes",
        text="A&ttributes…",
        menu="&Cells",
        tooltip="Say what a cell shows beside its class: press a letter of the list",
        keys=("A",),
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
)
