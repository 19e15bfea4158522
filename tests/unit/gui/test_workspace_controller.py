"""What the window shows is what is stored, whoever wrote it and whatever is under way."""

from pathlib import Path

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY, predictions
from tests.unit.gui.window_driver import LABELS, Driver
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


def test_another_programs_patient_shows_while_the_window_classifies(
    driver: Driver, workspace_of_six: Path, tmp_path: Path
) -> None:
    crops = {f"slide 1/cell_{i}.png": drawn_crops.png(90 + i) for i in range(2)}
    other_patient = drawn_crops.write(tmp_path / "P-8", crops)
    driver.press("Ctrl+R")
    assert driver.open_workspace.classify.running
    with Workspace.open(workspace_of_six) as workspace:
        other = Session(workspace, reader="Zoë", taxonomy=TAXONOMY)
        execute_plan(read_plan([other_patient], options=ImportOptions()), other)
        other.record(predictions([LABELS[i % len(LABELS)] for i in range(8)]))
        other.do(Relabel((8,), "blast", ReviewMode.SINGLE))
        driver.window.came_to_front.emit()
        assert driver.open_workspace.classify.running
        assert sorted(driver.shown()) == [*range(1, 9)]
        assert _label(driver, 8) == "blast"
        other.do(Relabel((7,), "monocyte", ReviewMode.SINGLE))
    driver.window.came_to_front.emit()
    assert _label(driver, 7) == "monocyte"
    driver.until(lambda: not driver.open_workspace.classify.running, timeout=60_000)
    stored = driver.open_workspace.context.catalogue.index.load(TAXONOMY)
    assert (driver.open_workspace.browser.index.current() == stored.current()).all()
    assert driver.answers.errors == []


def _label(driver: Driver, cell_id: int) -> str:
    index = driver.open_workspace.browser.index
    [row] = index.rows_of([cell_id])
    return TAXONOMY.classes[int(index.current()[row])].id
