from collections.abc import Callable
from pathlib import Path

import pytest

from model.jobs.job_files import PROCESS_FILE, RESULT_FILE
from tests.unit.gui.window_driver import Driver
from tests.unit.services.training.test_readiness import drafted
from tests.unit.services.training_workspace import LABELS, label, with_cells
from tests.unit.services.workspace_models import adapted_to, verdict
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.training import job_folder as files
from wbc_desktop.services.training import jobs
from wbc_desktop.services.training.job_folder import JobFolder
from wbc_desktop.services.training.jobs import EndJob, Job
from wbc_desktop.services.training.readiness import why_no_finetuning
from wbc_desktop.services.training.training_snapshot import start_job

JOB = "0001-adapt"
PATIENCE = 240_000  # ms; the processes of jobs have the lowest priority


def workspace(root: Path, *, labelled: int, job: bool = False) -> Path:
    """36 cells with embeddings, some of them labelled; with a job that was never launched."""
    session, cells = with_cells(root / "w", n=12, patients=3)
    label(session, cells[:labelled])
    if job:
        start_job(session, drafted(session))
    session.workspace.close()
    return root / "w"


def ends(driver: Driver) -> list[object]:
    return [
        event.payload["outcome"]
        for event in driver.open_workspace.workspace.catalogue.events.of_type(EventType.JOB_ENDED)
    ]


def test_adapting_is_offered_from_ten_labels_on(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=9))
    training = driver.open_workspace.training
    driver.until(lambda: training.offer.readiness is not None)
    button = driver.window.notice.offer_button
    assert not button.isVisible()
    driver.press("Ctrl+Shift+A")
    assert driver.window.training.isVisible()
    assert "Label 1 more cell." in driver.window.training.text
    assert not training.running
    driver.open_workspace.session.do(Relabel((10,), LABELS[(10 - 1) % 4], ReviewMode.SINGLE))
    driver.until(button.isVisible)
    assert button.text() == "Adapt to this site: 10 labels, a few seconds"
    assert driver.window.training.buttons.by_id["adapt"].isEnabled()


def test_a_site_is_offered_together_with_those_that_the_model_in_use_has_learnt_from(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    session, cells = with_cells(tmp_path / "w", n=12, patients=2, site="Ward 3", more=12)
    label(session, cells)
    adapted_to(session, start_job(session, drafted(session, site="Ward 3")), sites=["Ward 3"])
    (patient,) = (p.id for p in session.workspace.catalogue.patients.all() if p.site == "elsewhere")
    session.workspace.close()
    driver = new_driver().start(tmp_path / "w")
    driver.open_workspace.browser.set_patients_and_slides(
        patients=frozenset({patient}), slides=None
    )
    button, offer = driver.window.notice.offer_button, driver.open_workspace.training.offer
    driver.until(
        lambda: button.text() == "Adapt to sites Ward 3 and elsewhere: 36 labels, a few seconds"
    )
    assert offer.site is None  # what is trained on then, by Ctrl+Shift+A as well
    assert driver.window.training.title == "Adapt to sites Ward 3 and elsewhere"
    assert "36 labels at sites Ward 3 and elsewhere, 12 of them new" in driver.window.training.text


def test_a_training_that_failed_while_nobody_looked_says_why_and_is_recorded(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    folder = workspace(tmp_path, labelled=12, job=True)
    JobFolder(folder / files.FOLDER / JOB).write_json(
        RESULT_FILE,
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
    driver.until(lambda: button.text() == "Adapt to this site: 12 labels, a few seconds")


def test_what_the_button_offers_is_what_it_does_while_a_training_is_broken_off(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12, job=True))
    buttons, button = driver.window.training.buttons, driver.window.notice.offer_button
    driver.until(lambda: buttons.shown() == ["resume", "discard"])
    driver.open_workspace.session.do(Relabel(tuple(range(1, 13)), "basophil", ReviewMode.SINGLE))
    driver.open_workspace.session.do(Relabel((13,), "monocyte", ReviewMode.SINGLE))
    offer = driver.open_workspace.training.offer
    driver.until(lambda: offer.readiness is not None and offer.readiness.ready)
    driver.open_workspace.training.fine_tune()
    buttons.by_id["back"].click()
    assert buttons.shown() == ["resume", "discard"]
    assert button.text() == "Training interrupted: go on"


@pytest.mark.slow
def test_adapting_runs_to_a_verdict_and_the_panel_keeps_it(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=36))
    training, panel = driver.open_workspace.training, driver.window.training
    driver.until(lambda: training.offer.readiness is not None)
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
    assert panel.evaluation.reasons
    assert panel.evaluation.classes.rows
    assert "keep" in panel.buttons.shown()
    panel.buttons.by_id["keep"].click()
    assert driver.window.status.model == "wbc-robust-1"
    assert not driver.window.notice.offer_button.isVisible()  # every label is known by now


def test_a_verdict_read_after_another_model_came_into_use_is_not_better(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    session, cells = with_cells(tmp_path / "w", n=12, patients=3)
    label(session, cells)
    first = start_job(session, drafted(session))
    session.do(Relabel(tuple(cells[:12]), "basophil", ReviewMode.SINGLE))
    second = start_job(session, drafted(session))
    session.record(EndJob(job=second.job_id, outcome="better", model=second.model_id))
    session.workspace.close()
    driver = new_driver().start(tmp_path / "w")
    verdicts, panel = driver.open_workspace.training.evaluations, driver.window.training
    verdicts.add(second, verdict())
    verdicts.show_next()
    assert panel.buttons.shown() == ["promote", "keep"]
    adapted_to(driver.open_workspace.session, first, sites=[""])
    verdicts.add(second, verdict())
    verdicts.show_next()
    assert panel.buttons.shown() == ["keep", "promote_anyway"]
    assert f"it is {first.model_id} now" in panel.evaluation.reasons


def started(driver: Driver, job_id: str) -> Job:
    """Wait until the process of a job that the window has started is at work."""
    job = JobFolder(driver.open_workspace.workspace.folder / files.FOLDER / job_id)
    driver.until(job.running, timeout=PATIENCE)
    driver.until(lambda: watched(driver) == job_id, timeout=PATIENCE)
    return jobs.job_of(job)


def watched(driver: Driver) -> str:
    job = driver.open_workspace.training.monitor.job
    return job.job_id if job is not None else ""


def adapt_again(driver: Driver) -> None:
    """Ask for another adaption, once there is something new to learn."""
    offer = driver.open_workspace.training.offer
    driver.open_workspace.session.do(Relabel(tuple(range(1, 13)), "basophil", ReviewMode.SINGLE))
    driver.until(lambda: offer.readiness is not None and offer.readiness.ready)
    driver.press("Ctrl+Shift+A")


@pytest.mark.slow
def test_a_training_can_be_paused_go_on_and_be_cancelled(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=36))
    training, panel = driver.open_workspace.training, driver.window.training
    driver.until(lambda: training.offer.readiness is not None)
    driver.press("Ctrl+Shift+A")
    job = started(driver, JOB)
    panel.buttons.by_id["pause"].click()
    driver.until(lambda: panel.buttons.shown() == ["resume", "cancel"], timeout=PATIENCE)
    assert panel.text.startswith("Paused")
    assert driver.window.notice.offer_button.text() == "Training paused"
    assert job.folder.state() is JobState.PAUSED
    panel.buttons.by_id["resume"].click()
    driver.until(lambda: panel.buttons.shown() == ["pause", "cancel"], timeout=PATIENCE)
    assert job.folder.state() is JobState.RUNNING
    panel.buttons.by_id["cancel"].click()
    driver.until(lambda: ends(driver) == ["cancelled"], timeout=PATIENCE)
    assert not job.folder.running()
    assert not training.running
    assert panel.title == "Adapt to this site"


@pytest.mark.slow
def test_what_is_started_beside_a_training_waits_and_begins_by_itself(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=36))
    panel = driver.window.training
    driver.until(lambda: driver.open_workspace.training.offer.readiness is not None)
    driver.press("Ctrl+Shift+A")
    started(driver, JOB)
    panel.buttons.by_id["pause"].click()
    for number in (2, 3):
        adapt_again(driver) if number == 2 else driver.open_workspace.training.adapt()
        driver.until(lambda: "cancel_waiting" in panel.buttons.shown(), timeout=PATIENCE)
        assert f"wbc-robust-1+adapt-{number} waits for it" in panel.text
        assert watched(driver) == JOB
        if number == 3:
            break
        panel.buttons.by_id["cancel_waiting"].click()
        driver.until(lambda: ends(driver) == ["cancelled"], timeout=PATIENCE)
        driver.until(lambda: "cancel_waiting" not in panel.buttons.shown(), timeout=PATIENCE)
    panel.buttons.by_id["cancel"].click()
    job = started(driver, "0003-adapt")
    driver.until(lambda: panel.title == "Adapting: wbc-robust-1+adapt-3", timeout=PATIENCE)
    panel.buttons.by_id["cancel"].click()
    driver.until(lambda: ends(driver) == ["cancelled"] * 3, timeout=PATIENCE)
    assert not job.folder.running()


@pytest.mark.slow
def test_a_training_waits_for_one_that_another_program_has_started(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=36))
    session, panel = driver.open_workspace.session, driver.window.training
    driver.until(lambda: driver.open_workspace.training.offer.readiness is not None)
    other = start_job(session, drafted(session))  # the window is not told
    running = jobs.launch(session.workspace, other)
    jobs.pause(other)
    adapt_again(driver)
    driver.until(lambda: panel.text.startswith(f"Waits for {JOB}"), timeout=PATIENCE)
    assert panel.buttons.shown() == ["cancel"]
    assert driver.window.notice.offer_button.text() == "Training waits"
    jobs.cancel(other)
    assert running.wait(PATIENCE / 1000) is not None
    job = started(driver, "0002-adapt")
    driver.until(lambda: panel.buttons.shown() == ["pause", "cancel"], timeout=PATIENCE)
    panel.buttons.by_id["cancel"].click()
    driver.until(lambda: ends(driver) == ["cancelled"], timeout=PATIENCE)
    assert not job.folder.running()


@pytest.mark.slow
def test_what_waits_begins_when_one_has_failed_and_the_reason_stays_to_be_read(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    session, cells = with_cells(tmp_path / "w", n=12, patients=3)
    label(session, cells)
    failed = start_job(session, drafted(session))
    session.do(Relabel(tuple(cells[:12]), "basophil", ReviewMode.SINGLE))
    start_job(session, drafted(session))
    session.workspace.close()
    failed.folder.write_json(RESULT_FILE, {"ok": False, "title": "The disk is full"})
    driver = new_driver().start(tmp_path / "w")
    job = started(driver, "0002-adapt")
    assert ends(driver) == ["failed"]
    panel, button = driver.window.training, driver.window.notice.offer_button
    driver.until(lambda: button.text().startswith("Training"), timeout=PATIENCE)
    assert panel.title == "The disk is full"
    panel.buttons.by_id["back"].click()
    assert panel.title == "Adapting: wbc-robust-1+adapt-2"
    driver.window.commands["training_cancel"].trigger()
    driver.until(lambda: ends(driver) == ["failed", "cancelled"], timeout=PATIENCE)
    assert not job.folder.running()


@pytest.mark.slow
def test_what_waits_begins_although_the_one_before_it_was_broken_off(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    session, cells = with_cells(tmp_path / "w", n=12, patients=3)
    label(session, cells)
    first = start_job(session, drafted(session))
    session.do(Relabel(tuple(cells[:12]), "basophil", ReviewMode.SINGLE))
    start_job(session, drafted(session))
    session.workspace.close()
    first.folder.write_json(PROCESS_FILE, {"pid": 0})  # killed
    driver = new_driver().start(tmp_path / "w")
    panel = driver.window.training
    second = started(driver, "0002-adapt")
    jobs.pause(second)
    assert panel.title == "Adapting: wbc-robust-1+adapt-1"
    assert panel.buttons.shown() == ["resume", "discard"]
    panel.buttons.by_id["resume"].click()
    driver.until(lambda: "wbc-robust-1+adapt-1 waits for it" in panel.text, timeout=PATIENCE)
    assert watched(driver) == "0002-adapt"
    driver.window.commands["training_cancel"].trigger()
    driver.until(lambda: ends(driver) == ["cancelled"], timeout=PATIENCE)
    again = started(driver, "0001-adapt")
    driver.window.commands["training_cancel"].trigger()
    driver.until(lambda: ends(driver) == ["cancelled"] * 2, timeout=PATIENCE)
    assert not again.folder.running()


def test_what_fine_tuning_lacks_is_told_in_the_menu(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12))
    action = driver.window.commands["finetune"]
    assert action.isEnabled() == (not why_no_finetuning())
    driver.window.commands.forbid("finetune", "Fine-tuning needs torch")
    driver.window.commands.enable_cells(there_are_cells=True)
    assert not action.isEnabled()
    assert action.toolTip() == "Fine-tuning needs torch"


def test_closing_the_window_in_the_middle_leaves_nothing_behind(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12))
    driver.until(lambda: driver.open_workspace.training.offer.readiness is not None)
    driver.open_workspace.training.adapt()
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
    driver.open_workspace.training_panel.confirm_finetune(
        "Fine-tuning needs torch, which is not installed"
    )
    assert not panel.buttons.by_id["start_finetune"].isEnabled()
    assert "Adapting works without it." in panel.text
    panel.buttons.by_id["back"].click()
    assert panel.title == "Adapt to this site"
    assert not driver.open_workspace.training.running


def test_on_a_large_screen_the_gallery_has_more_room_than_the_panel(driver: Driver) -> None:
    driver.window.resize(1900, 1000)
    driver.press("Ctrl+Shift+T")
    panel, gallery = driver.window.training, driver.window.gallery
    driver.until(lambda: panel.width() == 560)
    assert gallery.width() > panel.width()
