from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.gui.window_driver import Driver
from tests.unit.services.test_retraining import drafted
from tests.unit.services.training_workspace import LABELS, label, with_cells
from wbc_desktop.domain.events import EventType
from wbc_desktop.domain.review import ReviewMode
from wbc_desktop.services.commands import Relabel
from wbc_desktop.services.training_draft import start
from wbc_desktop.store import job_folder as files
from wbc_desktop.store.job_folder import JobFolder

JOB = "0001-adapt"


def workspace(root: Path, *, labelled: int, job: bool = False) -> Path:
    """36 cells with embeddings, some of them labelled; with a job that was never launched."""
    session, cells = with_cells(root / "w", n=12, patients=3)
    label(session, cells[:labelled])
    if job:
        start(session, drafted(session))
    session.workspace.close()
    return root / "w"


def ends(driver: Driver) -> list[object]:
    return [
        event.payload["outcome"]
        for event in driver.desk.workspace.catalogue.events_of(EventType.JOB_ENDED)
    ]


def test_adapting_is_offered_from_ten_labels_on(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=9))
    training = driver.desk.learning.training
    driver.until(lambda: training.offer.ready is not None)
    button = driver.window.notice.offer_button
    assert not button.isVisible()
    driver.press("Ctrl+Shift+A")
    assert driver.window.training.isVisible()
    assert "Label 1 more cell." in driver.window.training.text
    assert not training.running
    driver.desk.session.do(Relabel((10,), LABELS[(10 - 1) % 4], ReviewMode.SINGLE))
    driver.until(button.isVisible)
    assert button.text() == "Adapt to this site: 10 labels, about 5 s"
    assert driver.window.training.buttons.by_id["adapt"].isEnabled()


def test_a_training_that_failed_while_nobody_looked_says_why_and_is_recorded(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    folder = workspace(tmp_path, labelled=12, job=True)
    JobFolder(folder / files.FOLDER / JOB).write_json(
        files.RESULT,
        {"ok": False, "title": "The disk is full", "detail": "head.safetensors", "advice": "Free."},
    )
    driver = new_driver().start(folder)
    driver.until(lambda: driver.window.training.title == "The disk is full")
    assert driver.window.training.text == "head.safetensors\nFree."
    assert ends(driver) == ["failed"]
    driver.window.training.buttons.by_id["back"].click()
    assert driver.window.training.title == "Adapt to this site"


@pytest.mark.parametrize("by", ["panel", "menu"])
def test_a_training_that_was_broken_off_can_be_given_up(
    new_driver: Callable[[], Driver], tmp_path: Path, by: str
) -> None:
    folder = workspace(tmp_path, labelled=12, job=True)
    driver = new_driver().start(folder)
    button = driver.window.notice.offer_button
    driver.until(lambda: button.text() == "Training interrupted: go on")
    assert driver.window.training.buttons.shown() == ["resume", "discard"]
    if by == "panel":
        driver.window.training.buttons.by_id["discard"].click()
    else:
        driver.window.commands["training_cancel"].trigger()
    driver.until(lambda: ends(driver) == ["cancelled"])
    # What the job was to learn counts as new again.
    driver.until(lambda: button.text() == "Adapt to this site: 12 labels, about 5 s")


@pytest.mark.slow
def test_adapting_runs_to_a_verdict_and_the_panel_keeps_it(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=36))
    training, panel = driver.desk.learning.training, driver.window.training
    driver.until(lambda: training.offer.ready is not None)
    driver.press("Ctrl+Shift+A")
    assert training.running
    driver.press("Ctrl+Shift+T")
    assert not panel.isVisible()
    driver.until(lambda: not training.running, timeout=240_000)
    assert ends(driver) in (["better"], ["not_better"])
    assert driver.window.notice.offer_button.text() == "Training finished: see the verdict"
    driver.window.notice.offer_button.click()
    assert panel.isVisible()
    assert panel.title == "wbc-robust-1+adapt-1"
    assert panel.verdict.reasons
    assert panel.verdict.classes.rows
    assert "keep" in panel.buttons.shown()
    panel.buttons.by_id["keep"].click()
    assert driver.window.status.model == "wbc-robust-1"
    assert not driver.window.notice.offer_button.isVisible()  # every label is known by now


def test_closing_the_window_in_the_middle_leaves_nothing_behind(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12))
    driver.until(lambda: driver.desk.learning.training.offer.ready is not None)
    driver.desk.learning.training.adapt()
    driver.close()
    assert not [*(tmp_path / "w" / files.FOLDER).glob("*-adapt")]


def test_fine_tuning_asks_first_and_says_what_it_lacks(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12))
    panel = driver.window.training
    driver.window.commands["finetune"].trigger()
    assert panel.buttons.shown() == ["start_finetune", "back"]
    assert panel.buttons.by_id["start_finetune"].isEnabled()
    driver.desk.learning.pages.ask_finetune("Fine-tuning needs torch, which is not installed")
    assert not panel.buttons.by_id["start_finetune"].isEnabled()
    assert "Adapting works without it." in panel.text
    panel.buttons.by_id["back"].click()
    assert panel.title == "Adapt to this site"
    assert not driver.desk.learning.training.running
