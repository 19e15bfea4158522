"""The embedding map and similar cells in the real window, on embeddings that are made up.

The network is not needed: what it saw of each cell is written into the store as it would be.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from tests.unit.filled_workspace import predictions
from tests.unit.gui.window_driver import Driver, imported, patient_folder
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.embedding.map_controller import _Found
from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot
from wbc_desktop.gui.embedding.map_points import ColourBy
from wbc_desktop.services.embeddings.projection import MapStep
from wbc_desktop.services.embeddings.workspace_embeddings import shipped_model_sha256
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.taxonomy_commands import MergeClasses
from wbc_desktop.store.embeddings import EmbeddingBatch, EmbeddingStore, crop_keys
from wbc_desktop.store.workspace import Workspace

N = 24


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with 24 cells that look like three groups to the network."""
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as opened:
        session = Session(opened, reader="Ada", taxonomy=taxonomy_v1())
        imported(session, patient_folder(tmp_path, n=N))
        ids = opened.catalogue.index.load(session.taxonomy).cell_id
        seen = opened.catalogue.cells.crop_refs_after(0, at_most=1_000)
        marks = crop_keys([ref.image_sha256 for ref in seen], [ref.um_per_px for ref in seen])
    rng = np.random.default_rng(2)
    centres = rng.normal(size=(3, 8))
    reduced = centres[np.arange(N) % 3] + 0.1 * rng.normal(size=(N, 8))
    EmbeddingStore(folder, shipped_model_sha256()).add(
        EmbeddingBatch(
            ids,
            marks,
            embedding=np.zeros((N, 4), np.float16),
            reduced=reduced.astype(np.float16),
        )
    )
    return folder


@pytest.fixture
def driver(qtbot: QtBot, qapp: QApplication, workspace: Path) -> Iterator[Driver]:
    driver = Driver(qtbot, qapp).start(workspace)
    yield driver
    driver.close()


def with_map(driver: Driver) -> EmbeddingPlot:
    driver.press("P")
    done = f"{N} cells"  # the first time, libraries load
    driver.until(lambda: driver.window.map.state.startswith(done))
    plot = driver.window.map.plot
    assert plot is not None
    return plot


def point_of(driver: Driver, cell_id: int) -> int:
    return int(np.searchsorted(driver.open_workspace.browser.index.cell_id, cell_id))


def lasso(plot: EmbeddingPlot, corners: list[QPoint], *, shift: bool = False) -> None:
    left = Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    view = plot.viewport()
    QTest.mousePress(view, left, keys, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(view, corner)
    QTest.mouseRelease(view, left, keys, corners[-1])


def around(plot: EmbeddingPlot, point: int, reach: int) -> list[QPoint]:
    x, y = plot.position_of(point).toPoint().toTuple()
    return [QPoint(x + reach * i, y + reach * j) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def test_a_lasso_selects_in_the_gallery_and_a_class_key_labels(driver: Driver) -> None:
    plot = with_map(driver)
    cells = driver.open_workspace.browser.index.cell_id
    pixels = np.array([plot.position_of(i).toTuple() for i in range(N)])
    own = pixels[::3]
    low, high = own.min(axis=0) - 6, own.max(axis=0) + 6
    lasso(
        plot,
        [QPoint(*map(int, p)) for p in (low, (high[0], low[1]), high, (low[0], high[1]))],
    )
    assert driver.window.gallery.selected_ids() == cells[::3].tolist()
    assert "8 cells selected" in driver.window.notice.text
    driver.press("4")
    assert {driver.label_of(int(cell)) for cell in cells[::3]} == {"monocyte"}
    assert driver.label_of(int(cells[1])) is None
    assert driver.open_workspace.session.undo_text is not None


def test_how_many_cells_a_lasso_took_is_not_said_of_another_selection(driver: Driver) -> None:
    plot = with_map(driver)
    lasso(plot, [QPoint(1, 1), QPoint(2000, 1), QPoint(2000, 2000), QPoint(1, 2000)])
    assert f"{N} cells selected" in driver.window.notice.text
    driver.choose(1)
    assert "selected" not in driver.window.notice.text


@pytest.mark.parametrize("lost", [1, N])
def test_a_lasso_selects_what_is_on_the_map_while_another_layout_begins(
    driver: Driver, lost: int
) -> None:
    plot = with_map(driver)
    cells, none = driver.open_workspace.browser.index.cell_id, np.empty(0, np.int64)
    all_round = [QPoint(1, 1), QPoint(2000, 1), QPoint(2000, 2000), QPoint(1, 2000)]
    driver.open_workspace.map._take(_Found(cells[lost:], none))  # what its worker hands over first
    lasso(plot, all_round)
    assert driver.window.gallery.selected_ids() == cells.tolist()
    assert f"{N} selected" in plot.accessibleName()
    driver.open_workspace.map._take(MapStep(np.zeros((N - lost, 2), np.float32), 0.0))
    driver.window.map.select_button.click()
    assert driver.window.gallery.selected_ids() == cells[lost:].tolist()


def test_the_selection_of_the_gallery_shows_on_the_map(driver: Driver) -> None:
    plot = with_map(driver)
    cells = driver.open_workspace.browser.index.cell_id
    driver.choose(int(cells[3]), int(cells[7]))
    assert "2 selected" in plot.accessibleName()
    place = plot.position_of(3).toPoint()
    driver.until(lambda: _has_accent_near(driver, plot, place))


def _has_accent_near(driver: Driver, plot: EmbeddingPlot, place: QPoint) -> bool:
    image = plot.viewport().grab().toImage()
    accent = driver.window.map.theme.accent.lower()
    return any(
        image.pixelColor(place.x() + i, place.y() + j).name() == accent
        for i in range(-9, 10)
        for j in range(-9, 10)
    )


def test_shift_adds_to_the_selection_and_a_click_beside_all_clears_it(driver: Driver) -> None:
    plot = with_map(driver)
    lasso(plot, around(plot, 0, 3))
    first = set(driver.window.gallery.selected_ids())
    assert first
    other = next(
        i for i in range(N) if int(driver.open_workspace.browser.index.cell_id[i]) not in first
    )
    lasso(plot, around(plot, other, 3), shift=True)
    assert first < set(driver.window.gallery.selected_ids())
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert driver.window.gallery.selected_ids() == []


def test_no_lasso_reaches_cells_outside_the_filter(driver: Driver) -> None:
    plot = with_map(driver)
    index = driver.open_workspace.browser.index
    monocyte = driver.open_workspace.browser.taxonomy.ordinals["monocyte"]
    driver.open_workspace.browser.set_filter(Filter(classes=frozenset({monocyte})))
    wanted = index.cell_id[index.current() == monocyte].tolist()
    driver.until(lambda: len(plot.in_view()) == len(wanted))
    QTest.keyClick(plot, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert driver.window.gallery.selected_ids() == wanted
    assert 0 < len(wanted) < N


def test_the_keyboard_zooms_selects_and_goes_back(driver: Driver) -> None:
    plot = with_map(driver)
    assert plot.hasFocus()
    assert len(plot.in_view()) == N
    for _ in range(12):
        QTest.keyClick(plot, Qt.Key.Key_Plus)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert len(plot.in_view()) < N
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert len(plot.in_view()) == N
    QTest.keyClick(plot, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(driver.window.gallery.selected_ids()) == N
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert driver.window.gallery.selected_ids() == []
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert driver.window.gallery.hasFocus()
    driver.press("P")
    assert not driver.window.map.isVisible()


@pytest.mark.parametrize("by", list(ColourBy))
def test_every_colouring_has_a_legend(driver: Driver, by: ColourBy) -> None:
    with_map(driver)
    panel = driver.window.map
    panel._colour.setCurrentIndex(panel._colour.findData(by))
    words = {
        ColourBy.CLASS: "MON",
        ColourBy.CONFIDENCE: "80–100 %",
        ColourBy.PATIENT: "P-7",
        ColourBy.STATUS: "Unreviewed",
    }
    driver.until(lambda: words[by] in panel._legend.text())


def test_the_most_alike_cells_come_first_and_the_key_goes_back(driver: Driver) -> None:
    browser, cells = driver.open_workspace.browser, driver.open_workspace.browser.index.cell_id
    before = (browser.group, browser.sort)
    driver.choose(int(cells[4]))
    driver.press("S")
    driver.until(lambda: browser.sort is SortKey.SIMILARITY and browser.group is None)
    order = driver.shown()
    assert order[0] == int(cells[4])
    assert set(order[:8]) == set(cells[1::3].tolist())
    assert len(browser.arrangement.sections) == 1
    driver.press("S")
    assert (browser.group, browser.sort) == before
    assert driver.open_workspace.similar.anchor is None


def test_another_order_ends_it_and_gives_the_groups_back(driver: Driver) -> None:
    browser = driver.open_workspace.browser
    driver.choose(int(browser.index.cell_id[4]))
    driver.press("S")
    driver.until(lambda: driver.open_workspace.similar.anchor is not None and browser.group is None)
    driver.window.commands["sort_least_margin"].trigger()
    assert (browser.group, browser.sort) == (GroupBy.CLASS, SortKey.LEAST_MARGIN)


def test_similar_cells_without_a_cell_says_what_to_do(driver: Driver) -> None:
    driver.window.gallery.clear_selection()
    driver.open_workspace.similar.toggle()
    assert "Choose a cell first" in driver.window.notice.text
    assert driver.open_workspace.browser.sort is not SortKey.SIMILARITY


def test_clusters_are_groups_with_names(driver: Driver) -> None:
    driver.press("Ctrl+6")
    browser = driver.open_workspace.browser
    driver.until(lambda: browser.group is None)
    assert browser.grouping.names[0] == "Cluster 1"
    for section in browser.arrangement.sections:
        rows = browser.arrangement.rows[section.start : section.stop]
        assert len(set((rows % 3).tolist())) == 1
    assert driver.window.view_bar.group_text == "Group by cluster"


def test_clusters_give_way_to_the_groups_of_before_when_cells_change(driver: Driver) -> None:
    browser = driver.open_workspace.browser
    driver.open_workspace.filter.group(GroupBy.PATIENT)
    driver.press("Ctrl+6")
    driver.until(lambda: browser.group is None)
    driver.open_workspace.session.record(predictions(["monocyte"] * N))
    assert browser.group is GroupBy.PATIENT
    assert driver.window.view_bar.group_text == "Group by patient"
    assert driver.window.commands["group_patient"].isChecked()


def test_a_neighbour_of_a_merged_class_is_shown_as_the_class_it_counts_as(driver: Driver) -> None:
    cells = driver.open_workspace.browser.index.cell_id
    driver.choose(int(cells[0]))
    driver.press("4")
    assert driver.label_of(int(cells[0])) == "monocyte"
    before = driver.open_workspace
    before.session.do(MergeClasses(("monocyte",), "lymphocyte"))
    driver.until(lambda: driver.controller.open_workspace not in (None, before))
    driver.choose(int(cells[3]))
    nearest = driver.window.inspector.nearest
    driver.until(lambda: nearest.shown() == [int(cells[0])])
    names = [tile.accessibleName() for tile in nearest.findChildren(QAbstractButton)]
    assert any(name.startswith("Lymphocyte") for name in names)


def without_embeddings(driver: Driver, workspace: Path) -> None:
    driver.close()
    for file in (workspace / "embeddings").glob("*/*.emb"):
        file.unlink()
    driver.start(workspace)


def test_what_is_asked_while_embeddings_are_computed_follows_when_they_are_there(
    driver: Driver, workspace: Path
) -> None:
    without_embeddings(driver, workspace)
    controller = driver.open_workspace
    driver.choose(int(controller.browser.index.cell_id[4]))
    driver.press("Ctrl+6")
    driver.until(lambda: controller.embeddings.running)
    driver.press("S")
    driver.until(lambda: "Most alike first follows" in driver.window.notice.text)
    assert controller.embeddings.running
    driver.press("P")
    assert "being computed" in driver.window.map.empty_text
    driver.until(lambda: controller.browser.sort is SortKey.SIMILARITY, timeout=120_000)
    driver.until(lambda: driver.window.map.state == f"{N} cells", timeout=90_000)


def test_stopping_forgets_what_was_asked_meanwhile(driver: Driver, workspace: Path) -> None:
    without_embeddings(driver, workspace)
    controller = driver.open_workspace
    driver.choose(int(controller.browser.index.cell_id[4]))
    driver.press("Ctrl+6")
    driver.until(lambda: controller.embeddings.running)
    driver.press("S")
    driver.until(lambda: "Most alike first follows" in driver.window.notice.text)
    controller.embeddings.stop()
    driver.until(lambda: not controller.embeddings.running, timeout=60_000)
    assert controller.browser.sort is not SortKey.SIMILARITY
    assert controller.browser.group is GroupBy.CLASS


def test_a_workspace_without_embeddings_offers_to_compute_them(
    driver: Driver, workspace: Path
) -> None:
    without_embeddings(driver, workspace)
    driver.press("P")
    panel = driver.window.map
    driver.until(lambda: not panel.compute_button.isHidden())
    assert "about" in panel.compute_button.text()
    assert f"{N} cells" in panel.state
    panel.compute_button.click()
    driver.until(lambda: panel.state == f"{N} cells")
    assert panel.compute_button.isHidden()


def test_the_map_is_laid_out_once_a_classification_and_its_assessment_are_done(
    driver: Driver, workspace: Path
) -> None:
    without_embeddings(driver, workspace)
    driver.press("P")
    panel = driver.window.map
    driver.until(lambda: not panel.compute_button.isHidden())
    driver.open_workspace.classify.start()
    driver.until(lambda: panel.state == f"{N} cells")
    assert panel.compute_button.isHidden()
    assert not driver.open_workspace.classify.running


def test_a_map_that_could_not_be_laid_out_is_tried_again_when_it_is_opened(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise np.linalg.LinAlgError("no convergence")

    panel = driver.window.map
    with monkeypatch.context() as broken:
        broken.setattr(np.linalg, "eigh", fail)
        driver.press("P")
        driver.until(lambda: "could not be laid out" in panel.state)
    assert len(driver.answers.errors) == 1
    driver.choose(int(driver.open_workspace.browser.index.cell_id[0]))
    driver.press("4")  # no second try, no second dialog
    assert "could not be laid out" in panel.state
    driver.press("P")
    with_map(driver)
    assert len(driver.answers.errors) == 1
