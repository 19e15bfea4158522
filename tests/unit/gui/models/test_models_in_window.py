from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver
from tests.unit.services.workspace_models import ADAPTED, classified, registered
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.evaluation import Outcome
from wbc_desktop.gui.models.models_dialog import ModelsDialog
from wbc_desktop.services.inference.classify import classify
from wbc_desktop.services.models.promotion import RollBack, promote
from wbc_desktop.services.models.registry import open_active
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.workspace import Workspace

BASE = "wbc-robust-1"


@pytest.fixture
def candidate(workspace_of_six: Path) -> Callable[[Outcome], Path]:
    """Six classified cells, one of them labelled, and a candidate that calls every cell SEG."""

    def make(outcome: Outcome) -> Path:
        with Workspace.open(workspace_of_six) as workspace:
            session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
            classified(session)
            session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
            registered(session, outcome=outcome)
        return workspace_of_six

    return make


def predicted(driver: Driver) -> dict[int, str | None]:
    return {row.id: row.predicted for row in driver.open_workspace.workspace.catalogue.cells.all()}


def opened(driver: Driver) -> ModelsDialog:
    driver.press("Ctrl+M")
    dialog = driver.open_workspace.models.dialog
    assert dialog is not None
    driver.until(lambda: dialog.table.topLevelItemCount() == 2)
    return dialog


def test_a_classification_that_was_cut_short_is_offered_at_the_next_opening(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path]
) -> None:
    folder = candidate(Outcome.BETTER)
    with Workspace.open(folder) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        promote(session, ADAPTED)
        session.record(RollBack())
        promote(session, ADAPTED)
        # Two of five cells are classified again when the program ends.
        predictor = open_active(workspace, TAXONOMY)
        [step] = classify(workspace, predictor, [2, 3])
        session.record(StorePredictions(step.batch))
    driver = new_driver().start(folder)
    offers = driver.window.offers
    driver.until(lambda: bool(offers.text))
    assert driver.window.status.model == ADAPTED
    assert offers.text == (
        f"{ADAPTED}, the model in use, has yet to classify 3 cells: "
        f"3 with the class that {BASE} gave."
    )
    offers.buttons[0].click()
    assert offers.text == ""
    driver.until(lambda: not driver.open_workspace.classify.running, timeout=60_000)
    after = predicted(driver)
    assert {after[cell] for cell in range(2, 7)} == {"neutrophil_segmented"}
    waiting = driver.open_workspace.context.catalogue.predictions.waiting_by_model
    assert waiting(predictor.model_sha256) == {}


def test_a_model_is_promoted_and_rolled_back_and_the_predictions_return(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path]
) -> None:
    driver = new_driver().start(candidate(Outcome.BETTER))
    before = predicted(driver)
    dialog = opened(driver)
    assert dialog.table.chosen_ids() == (BASE,)
    assert not dialog.promote_button.isEnabled()  # it is in use
    assert "came with the program" in dialog.details.reasons
    dialog.table.choose(ADAPTED)
    assert dialog.details.title == "✓ Better, provisionally"
    assert not dialog.reason.isVisible()
    dialog.promote_button.click()
    driver.until(lambda: bool(driver.window.training.report))
    driver.until(lambda: not driver.open_workspace.classify.running)
    after = predicted(driver)
    assert {after[cell] for cell in range(2, 7)} == {"neutrophil_segmented"}
    assert after[1] == before[1]  # a person has labelled it
    assert driver.label_of(1) == "blast"
    assert driver.window.status.model == ADAPTED
    assert dialog.message == f"{ADAPTED} is in use from now on."
    dialog.roll_back_button.click()
    driver.until(
        lambda: driver.window.status.model == BASE and not driver.open_workspace.classify.running
    )
    driver.until(lambda: predicted(driver) == before)
    assert not dialog.roll_back_button.isEnabled()
    assert BASE in dialog.message
    dialog.reject()
    types = [event.type for event in driver.open_workspace.workspace.catalogue.events.all()]
    assert EventType.MODEL_PROMOTED in types
    assert EventType.MODEL_ROLLED_BACK in types


def test_a_model_that_is_not_better_takes_a_reason(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path]
) -> None:
    driver = new_driver().start(candidate(Outcome.NOT_BETTER))
    dialog = opened(driver)
    dialog.table.choose(ADAPTED)
    assert dialog.reason.isVisible()
    assert not dialog.promote_button.isEnabled()
    dialog.reason.setText("Checked on two slides")
    dialog.promote_button.click()
    driver.until(lambda: driver.window.status.model == ADAPTED)
    (event,) = driver.open_workspace.workspace.catalogue.events.of_type(EventType.MODEL_PROMOTED)
    assert event.payload["reason"] == "Checked on two slides"
    driver.until(lambda: not driver.open_workspace.classify.running)
    driver.until(lambda: dialog.details.title == "✗ Not better, but in use")
    assert not dialog.reason.isVisible()  # it is promoted already
    assert "Promoted by Ada" in dialog.details.reasons
    assert "because: Checked on two slides" in dialog.details.reasons
    newest = dialog.table.topLevelItem(0)
    assert newest is not None
    assert "because: Checked on two slides" in newest.toolTip(0)
    dialog.reject()


def test_two_models_stand_side_by_side(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path]
) -> None:
    driver = new_driver().start(candidate(Outcome.BETTER))
    dialog = opened(driver)
    dialog.table.choose(ADAPTED, BASE)
    assert BASE in dialog.details.title
    assert ADAPTED in dialog.details.title
    driver.until(lambda: dialog.details._metrics.width() > 0)
    for label in dialog.details._metrics.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width(), label.text()  # no word is cut
    assert not dialog.promote_button.isEnabled()
    assert not dialog.export_button.isEnabled()
    dialog.reject()


def test_a_damaged_model_is_refused_before_it_is_promoted(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path]
) -> None:
    folder = candidate(Outcome.BETTER)
    driver = new_driver().start(folder)
    head = folder / "models" / ADAPTED / "head.safetensors"
    head.write_bytes(head.read_bytes()[:-8] + b"damaged!")
    dialog = opened(driver)
    dialog.table.choose(ADAPTED)
    dialog.promote_button.click()
    driver.until(lambda: bool(driver.answers.errors))
    assert "head.safetensors" in str(driver.answers.errors[0])
    assert driver.window.status.model == BASE
    dialog.reject()


def test_rolling_back_without_a_promotion_says_so(driver: Driver) -> None:
    driver.window.commands["roll_back"].trigger()
    assert "no earlier model" in driver.window.notice.text


def test_trust_follows_the_card_of_the_model_in_use(
    new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    with Workspace.open(workspace_of_six) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        classified(session)
        registered(session, rendered_only=["neutrophil_segmented"])
    driver = new_driver().start(workspace_of_six)

    def marked() -> int:
        tiles = driver.window.gallery.scene.model
        said = [tiles.description(place) for place in range(len(tiles.cell_ids()))]
        return sum("Learned from rendered cells only" in text for text in said)

    before = marked()
    assert before < 6
    dialog = opened(driver)
    dialog.table.choose(ADAPTED)  # it calls every cell a segmented neutrophil
    dialog.promote_button.click()
    driver.until(lambda: marked() == 6)
    driver.until(lambda: not driver.open_workspace.classify.running)
    dialog.roll_back_button.click()
    driver.until(lambda: marked() == before)
    driver.until(lambda: not driver.open_workspace.classify.running)
    dialog.reject()


def test_a_model_travels_through_a_file(
    new_driver: Callable[[], Driver], candidate: Callable[[Outcome], Path], tmp_path: Path
) -> None:
    driver = new_driver().start(candidate(Outcome.BETTER))
    dialog = opened(driver)
    dialog.table.choose(ADAPTED)
    driver.answers.target = driver.answers.file = tmp_path / "ours.wbcmodel"
    dialog.export_button.click()
    driver.until(lambda: dialog.message.startswith("Wrote "))
    dialog.import_button.click()
    driver.until(lambda: "The workspace has this model already" in dialog.message)
    dialog.reject()
    (tmp_path / "ours.wbcmodel").write_bytes(b"no model")
    other = new_driver().start(tmp_path / "other")
    other.press("Ctrl+M")
    dialog = other.open_workspace.models.dialog  # type: ignore[assignment]
    assert dialog is not None
    other.until(lambda: dialog.table.topLevelItemCount() == 1)  # the list is read in a worker
    other.answers.file = tmp_path / "ours.wbcmodel"
    dialog.import_button.click()
    other.until(lambda: "ours.wbcmodel" in dialog.message)
    assert dialog.table.topLevelItemCount() == 1
    dialog.reject()
