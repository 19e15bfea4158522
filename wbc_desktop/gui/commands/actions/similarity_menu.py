"""What no column of the cells arranges: similar cells, clusters, the map, the size of crops."""

from wbc_desktop.gui.commands.actions.spec import ActionSpec

SIMILARITY = (
    ActionSpec(
        id="sort_similarity",
        text="Most &alike first",
        menu="&View",
        submenu="S&ort by",
        tooltip="Show the cells most like the chosen one first, or go back to the order of before",
        keys=("S",),
        icon="similar",
        choice="sort",
        needs_cells=True,
    ),
    ActionSpec(
        id="sort_largest_crop",
        text="Largest &crop first",
        menu="&View",
        submenu="S&ort by",
        tooltip="First the cells with the largest crops, in µm where every crop has a scale",
        choice="sort",
        needs_cells=True,
    ),
    ActionSpec(
        id="group_clusters",
        text="Group by c&luster",
        menu="&View",
        submenu="Gro&up by",
        tooltip="One group for each cluster of cells that look alike to the network",
        keys=("Ctrl+6",),
        choice="group",
        needs_cells=True,
    ),
    ActionSpec(
        id="embedding_map",
        text="Embeddin&g map",
        menu="&View",
        tooltip="Show or hide the map on which cells that look alike lie together",
        keys=("P",),
        icon="embedding_map",
        needs_cells=True,
    ),
)
