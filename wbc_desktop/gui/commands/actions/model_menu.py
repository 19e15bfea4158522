"""The Model menu: learning from the labels of a site, and which model classifies."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

MODEL = (
    ActionSpec(
        id="adapt",
        text="&Adapt to this site",
        menu="&Model",
        tooltip="Learn from the labels given here, in seconds; you decide what comes of it",
        keys=("Ctrl+Shift+A",),
        icon="adapt",
        needs_cells=True,
    ),
    ActionSpec(
        id="finetune",
        text="&Fine-tune…",
        menu="&Model",
        tooltip="Train the whole network on every label given here; takes minutes to hours",
        needs_cells=True,
    ),
    ActionSpec(
        id="training_pause",
        text="&Pause or go on training",
        menu="&Model",
        tooltip="Let the running training wait, or go on with it",
        separated=True,
    ),
    ActionSpec(
        id="training_cancel",
        text="&Cancel training",
        menu="&Model",
        tooltip="End the running training; labels and the present model stay as they are",
    ),
    ActionSpec(
        id="training_panel",
        text="&Training panel",
        menu="&Model",
        tooltip="Show what can be learned, how far a training is and what came of it, or hide it",
        keys=("Ctrl+Shift+T",),
        separated=True,
    ),
    ActionSpec(
        id="models",
        text="&Models…",
        menu="&Model",
        tooltip="List, compare, promote, export and import the models of this workspace",
        keys=("Ctrl+M",),
        icon="models",
    ),
    ActionSpec(
        id="roll_back",
        text="&Roll back",
        menu="&Model",
        tooltip="Use the model of before again; its predictions come back, labels stay",
    ),
)
