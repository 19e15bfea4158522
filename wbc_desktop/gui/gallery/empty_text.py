"""Why the gallery shows no cell, and what to do about it. A new reason is a new branch here."""

from wbc_desktop.domain.cells.cell_index import NO_CLASS, CellIndex
from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides


def why_empty(index: CellIndex, wanted: Filter) -> tuple[str, str]:
    """Return a title and a hint.

    Args:
        index: All cells of the workspace.
        wanted: The filter that no cell passes.
    """
    rows = only_patients_and_slides(wanted).rows(index)
    if not len(rows):
        return "No cells in what is chosen", "Choose another patient or slide at the left."
    asks_for_a_class = wanted.classes is not None and NO_CLASS not in wanted.classes
    asks_for_confidence = wanted.min_conf is not None or wanted.max_conf is not None
    unclassified = bool((index.current()[rows] == NO_CLASS).all())
    if unclassified and (asks_for_a_class or asks_for_confidence):
        return "Not classified yet", "Classify the cells (Ctrl+R), or show all (Ctrl+Shift+F)."
    return "The filter hides every cell", "Change the filter, or show all cells (Ctrl+Shift+F)."
