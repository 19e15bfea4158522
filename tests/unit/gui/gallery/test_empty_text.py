from pathlib import Path

from tests.unit.filled_workspace import TAXONOMY, filled
from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.filter.arrangement import Filter
from wbc_desktop.gui.gallery.empty_text import why_empty


def index_of(folder: Path) -> CellIndex:
    session = filled(folder / "workspace")
    index = session.workspace.catalogue.index.load(TAXONOMY)
    session.workspace.close()
    return index


def test_a_filter_is_named_as_the_reason(tmp_path: Path) -> None:
    title, hint = why_empty(index_of(tmp_path), Filter(flagged=True))
    assert title == "The filter hides every cell"
    assert "Ctrl+Shift+F" in hint


def test_an_empty_slide_is_named_as_the_reason(tmp_path: Path) -> None:
    title, _ = why_empty(index_of(tmp_path), Filter(slides=frozenset({999})))
    assert title == "No cells in what is chosen"


def test_cells_without_a_class_cannot_pass_a_filter_by_class(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    index.set_rows(index.cell_id, predicted=[-1] * len(index), human=[-1] * len(index))
    title, hint = why_empty(index, Filter(classes=frozenset({0})))
    assert title == "Not classified yet"
    assert "Ctrl+R" in hint
