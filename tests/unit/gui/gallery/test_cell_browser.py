from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.filled_workspace import TAXONOMY, ImportCells, cells, filled, predictions
from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.cells.prediction_set import leaves_in
from wbc_desktop.domain.filter.arrangement import Filter, SortKey
from wbc_desktop.domain.filter.grouping import GroupBy, Grouping
from wbc_desktop.domain.review.review import ReviewMode, Status
from wbc_desktop.gui.gallery.cell_browser import CellBrowser, SlideProgress, why_empty
from wbc_desktop.services.session.commands import Relabel, SetNote
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

LYMPHOCYTE, BLAST = TAXONOMY.ordinals["lymphocyte"], TAXONOMY.ordinals["blast"]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = filled(tmp_path / "workspace", n=6)
    yield made
    made.workspace.close()


@pytest.fixture
def browser(session: Session) -> CellBrowser:
    made = CellBrowser(session.workspace.catalogue, TAXONOMY, sort=SortKey.IMPORT_ORDER)
    session.subscribe(made.take)
    return made


def groups(browser: CellBrowser) -> dict[int, int]:
    """Return how many cells stand in each group."""
    return {s.ordinal: s.stop - s.start for s in browser.arrangement.sections}


def shown(browser: CellBrowser) -> list[int]:
    return [*map(int, browser.index.cell_id[browser.arrangement.rows])]


def predict(browser: CellBrowser, cell_id: int, ordinal: int) -> None:
    label = TAXONOMY.classes[ordinal].id
    browser.take_predictions(predictions([label], first=cell_id, p=0.7, ood=0.995).batch)


def test_a_label_moves_its_cell_at_once(session: Session, browser: CellBrowser) -> None:
    session.do(Relabel((2,), "blast", ReviewMode.SINGLE))
    assert groups(browser) == {LYMPHOCYTE: 5, BLAST: 1}


def test_a_prediction_waits_for_the_reader(browser: CellBrowser) -> None:
    predict(browser, 2, BLAST)
    assert browser.index.label_of(1) == BLAST
    assert groups(browser) == {LYMPHOCYTE: 6}
    assert browser.unsettled == 1
    browser.settle()
    assert groups(browser) == {LYMPHOCYTE: 5, BLAST: 1}
    assert browser.unsettled == 0


def test_a_prediction_brings_its_set_and_how_unusual_the_cell_is(browser: CellBrowser) -> None:
    predict(browser, 2, BLAST)
    assert leaves_in(int(browser.index.pred_set[1]), TAXONOMY) == ("blast",)
    browser.set_filter(Filter(unusual=True))
    assert shown(browser) == [2]


def test_a_label_during_classification_moves_only_its_own_cell(
    session: Session, browser: CellBrowser
) -> None:
    predict(browser, 2, BLAST)
    session.do(Relabel((3,), "blast", ReviewMode.SINGLE))
    assert groups(browser) == {LYMPHOCYTE: 5, BLAST: 1}
    assert browser.unsettled == 1


def test_another_filter_settles_what_waits(browser: CellBrowser) -> None:
    predict(browser, 2, BLAST)
    browser.set_filter(Filter(classes=frozenset({BLAST})))
    assert shown(browser) == [2]


def test_listeners_hear_of_every_new_arrangement(browser: CellBrowser) -> None:
    heard: list[int] = []
    browser.subscribe(lambda: heard.append(len(browser.arrangement)))
    browser.set_filter(Filter(statuses=frozenset({Status.ACCEPTED})))
    browser.set_sort(SortKey.CONFIDENCE_ASC)
    browser.set_sort(SortKey.CONFIDENCE_ASC)
    assert heard == [0, 0]


def test_counts_are_of_the_chosen_places_whatever_else_is_filtered(
    session: Session, browser: CellBrowser
) -> None:
    session.record(ImportCells("P2", cells(3, prefix="other")))
    browser.reload()
    first = session.workspace.catalogue.patients.all()[0]
    browser.set_patients_and_slides(patients=frozenset({first.id}), slides=frozenset())
    assert browser.class_counts()[LYMPHOCYTE] == 6
    browser.set_patients_and_slides(patients=None, slides=None)
    assert browser.class_counts()[-1] == 3


def test_reviews_are_tallied_by_slide(session: Session, browser: CellBrowser) -> None:
    session.do(Relabel((1, 2), "blast", ReviewMode.BULK))
    (slide,) = session.workspace.catalogue.patients.all()[0].slides
    assert browser.slide_progress() == {slide.id: SlideProgress(6, 2)}


def test_what_a_filter_hides_is_not_among_the_shown(session: Session, browser: CellBrowser) -> None:
    session.do(Relabel((2,), "blast", ReviewMode.SINGLE))
    browser.set_filter(Filter(classes=frozenset({LYMPHOCYTE})))
    assert browser.shown_among((3, 2, 1)) == (3, 1)


@pytest.mark.parametrize("noted", [True, False])
def test_a_note_decides_on_what_is_shown_where_the_filter_asks_for_notes(
    session: Session, browser: CellBrowser, noted: bool
) -> None:
    browser.set_filter(Filter(noted=noted))
    session.do(SetNote(cell_id=2, note="vacuoles"))
    assert browser.shown_among(range(1, 7)) == ((2,) if noted else (1, 3, 4, 5, 6))
    session.do(SetNote(cell_id=2, note=""))
    assert browser.shown_among((2,)) == (() if noted else (2,))


def test_an_empty_workspace_has_nothing_to_count(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "empty", create=True) as workspace:
        browser = CellBrowser(workspace.catalogue, TAXONOMY, sort=SortKey.IMPORT_ORDER)
        assert browser.slide_progress() == {}
        assert sum(browser.class_counts().values()) == 0


def test_cells_are_grouped_by_patient_slide_state_and_reader(
    session: Session, browser: CellBrowser
) -> None:
    session.record(ImportCells("A0", cells(2, prefix="other")))
    browser.reload()
    session.do(Relabel((2, 3), "blast", ReviewMode.BULK))
    wanted = {
        GroupBy.PATIENT: {"A0": 2, "P1": 6},
        GroupBy.SLIDE: {"A0, slide 1": 2, "P1, slide 1": 6},
        GroupBy.STATUS: {"Unreviewed": 6, "Corrected": 2},
        GroupBy.READER: {"Ada": 2, "Not reviewed yet": 6},
        GroupBy.CLASS: {"Lymphocyte": 4, "Blast": 2, "Not classified yet": 2},
    }
    for group, found in wanted.items():
        browser.set_group(group)
        assert {browser.grouping.name(o): n for o, n in groups(browser).items()} == found
        assert browser.group is group


def test_groups_and_scores_that_were_given_end_when_cells_come(
    session: Session, browser: CellBrowser
) -> None:
    halves = np.array([0, 1, 0, 1, 0, 1], np.int16)
    browser.set_group(Grouping(None, halves, ("First", "Second")))
    browser.set_sort(SortKey.SIMILARITY, scores=np.arange(6, dtype=np.float32))
    assert shown(browser) == [5, 3, 1, 6, 4, 2]
    session.record(ImportCells("P2", cells(3, prefix="other")))
    browser.reload()
    assert browser.group is GroupBy.CLASS
    assert browser.sort is SortKey.IMPORT_ORDER
    assert len(browser.arrangement) == 9


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
