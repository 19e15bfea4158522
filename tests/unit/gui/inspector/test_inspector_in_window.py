"""The inspector in the window: what workers bring for the chosen cell, and the keys for it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider

from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.cells.stain_channels import StainView
from wbc_desktop.gui.inspector.crop_panel import CropPanel
from wbc_desktop.gui.inspector.inspector_controller import NONE_LABELLED, NOT_KEPT


def panel(driver: Driver) -> CropPanel:
    return driver.window.inspector.panel


def test_the_scale_of_the_chosen_cell_is_shown(driver: Driver) -> None:
    driver.choose(1)
    driver.until(lambda: panel(driver).view.has_image)
    assert panel(driver).strip.scale_text in {"Scale not known"} | {
        f"≈ {um} µm, estimated" for um in (1, 2, 5, 10, 20)
    }


def test_the_history_of_a_cell_comes_from_a_worker(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    driver.choose(2)
    driver.open_workspace.inspector.show(1)
    inspector = driver.window.inspector
    assert inspector.history_text == "…"  # nothing of the log was read on this thread
    driver.until(lambda: "Ada: Blast" in inspector.history_text)
    driver.open_workspace.inspector.show(3)
    driver.until(lambda: "imported" in inspector.history_text)
    assert "Ada" not in inspector.history_text


def test_e_shows_where_the_evidence_lies_and_hides_it_again(driver: Driver) -> None:
    driver.choose(1)
    driver.until(lambda: panel(driver).view.has_image)
    driver.until(lambda: "imported" in driver.window.inspector.history_text)  # the last to come
    before = panel(driver).view.grab().toImage()
    driver.press("E")
    driver.until(lambda: "LYM" in panel(driver).legend.text)
    assert panel(driver).legend.isVisible()
    assert (
        "not a segmentation" in panel(driver).legend.text or "Nothing" in panel(driver).legend.text
    )
    driver.press("E")
    assert not panel(driver).legend.isVisible()
    assert panel(driver).view.size() == before.size() / before.devicePixelRatio()
    driver.until(lambda: panel(driver).view.grab().toImage() == before)


def test_evidence_follows_the_chosen_cell_and_another_class(driver: Driver) -> None:
    driver.press("E")
    driver.choose(1)
    driver.until(lambda: "LYM" in panel(driver).legend.text)
    driver.choose(2)
    driver.until(lambda: "MON" in panel(driver).legend.text)
    panel(driver).evidence_class_chosen.emit("blast")
    driver.until(lambda: "BLA" in panel(driver).legend.text)


def test_the_stain_view_changes_the_large_cell_only(driver: Driver) -> None:
    driver.choose(1)
    driver.until(lambda: panel(driver).view.has_image)

    def grey() -> bool:
        view = panel(driver).view
        middle = view.grab().toImage().pixelColor(view.rect().center())
        return middle.red() == middle.green() == middle.blue()

    assert not grey()
    driver.press("Ctrl+Shift+N")
    assert panel(driver).stain is StainView.NUCLEUS
    driver.until(grey)
    driver.press("Ctrl+0")
    driver.until(lambda: not grey())


def test_zoom_keys_work_from_the_gallery(driver: Driver) -> None:
    driver.choose(1)
    driver.until(lambda: panel(driver).view.has_image)
    before = panel(driver).view.zoom
    driver.press("Alt+Up")
    assert panel(driver).view.zoom > before
    driver.press("Alt+Down")
    assert panel(driver).view.zoom == pytest.approx(before)


def test_neighbours_come_with_labels_and_lead_to_their_cells(driver: Driver) -> None:
    nearest = driver.window.inspector.nearest
    driver.choose(1)
    driver.until(lambda: nearest.hint == NOT_KEPT)
    done: list[bool] = []
    driver.open_workspace.embeddings.with_embeddings(lambda: done.append(True), what="This")
    driver.until(lambda: bool(done))
    driver.choose(2)
    driver.until(lambda: nearest.hint == NONE_LABELLED)
    driver.open_workspace.review.label("blast")
    driver.choose(3)
    driver.until(lambda: nearest.shown() == [2])
    tile = next(
        b for b in nearest.findChildren(QAbstractButton) if b.accessibleName().startswith("Blast")
    )
    assert "labelled by Ada" in tile.accessibleName()
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert driver.window.gallery.current_id() == 2


def test_a_neighbour_that_is_filtered_away_is_told(driver: Driver) -> None:
    driver.choose(1)
    driver.open_workspace.browser.set_patients_and_slides(patients=None, slides=frozenset({1}))
    shown = {
        driver.open_workspace.browser.index.cell_id[row]
        for row in driver.open_workspace.browser.arrangement.rows
    }
    hidden = next(cell for cell in range(1, 7) if cell not in shown)
    driver.window.inspector.nearest.chosen.emit(hidden)
    assert driver.window.gallery.current_id() in shown | {None}
    assert "not among those shown" in driver.window.notice.text


def test_folded_sections_stay_folded_after_a_restart(
    new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    first = new_driver().start(workspace_of_six)
    first.window.inspector.set_open_sections(["history", "display"])
    first.close()
    again = new_driver().start(workspace_of_six)
    assert set(again.window.inspector.open_sections) == {"history", "display"}


def test_every_control_has_a_name_and_a_tooltip(driver: Driver) -> None:
    driver.choose(1)
    inspector = driver.window.inspector
    for kind in (QAbstractButton, QSlider, QComboBox):
        for control in inspector.findChildren(kind):
            if control.focusPolicy() != Qt.FocusPolicy.NoFocus and control.isVisibleTo(inspector):
                assert control.accessibleName(), control
                assert control.toolTip(), control


def test_space_presses_a_section_and_does_not_accept(driver: Driver, qapp: QApplication) -> None:
    driver.choose(1)
    head = next(
        b
        for b in driver.window.inspector.findChildren(QAbstractButton)
        if b.accessibleName() == "History, open"
    )
    head.setFocus()
    press = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " "
    )
    qapp.sendEvent(head, press)
    assert press.isAccepted()


def test_a_late_crop_is_not_shown_once_no_cell_is_chosen(driver: Driver) -> None:
    driver.choose(1)
    driver.open_workspace.inspector.show(None)  # before the worker's crop has arrived
    driver.until(lambda: not driver.open_workspace.inspector._runner._tasks)
    assert not panel(driver).view.has_image
