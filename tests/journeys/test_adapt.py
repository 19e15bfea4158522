"""A new site: forty labels, one press, a verdict, a promotion, and the way back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton

from tests.journeys.gallery_map import on_screen
from tests.journeys.hands import Script, mouse, play, press
from tests.journeys.reviewer import READER, Reviewer
from tests.unit.filled_workspace import TAXONOMY
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.services.support.verify import verify
from wbc_desktop.settings import Settings, default_file
from wbc_desktop.store.records import CellRecord
from wbc_desktop.store.workspace import Workspace

pytestmark = [pytest.mark.needs_display, pytest.mark.slow]

BASE = "wbc-robust-1"
LABELS = 40


def label_forty(reader: Reviewer, truth: dict[str, str]) -> Script:
    """Go through the review queue with V and give each cell its class by its key."""
    catalogue = reader.open_workspace.workspace.catalogue
    press("v")
    yield lambda: reader.open_workspace.review_workflow.queue.running
    for n in range(LABELS):
        yield lambda: len(reader.window.gallery.selected_ids()) == 1
        (cell,) = reader.window.gallery.selected_ids()
        press(key_of(truth, catalogue.cells.get(cell)))
        yield lambda: len(catalogue.reviews.reviews_for()) == n + 1  # noqa: B023 - asked before the next
        yield lambda: reader.window.gallery.selected_ids() != [cell]  # noqa: B023
    press("v")
    yield lambda: not reader.open_workspace.review_workflow.queue.running


def key_of(truth: dict[str, str], cell: CellRecord) -> str:
    """The key of a cell's true class, as xdotool calls it."""
    return (TAXONOMY.by_id[truth[cell.image_path]].hotkey or "").lower()


def clicked(button: QAbstractButton) -> Script:
    """Click a button once it is there."""
    yield lambda: button.isVisible() and button.isEnabled()
    mouse("mousemove", on_screen(button, button.rect().center()), "click", "1")


def adapt(reader: Reviewer) -> Script:
    """Press the button of the offer and watch until there is a verdict."""
    offer = reader.window.notice.offer_button
    yield lambda: offer.text().startswith(f"Adapt to this site: {LABELS} labels")
    yield from clicked(offer)
    yield reader.window.training.isVisible
    yield lambda: reader.window.training.title == f"Adapting: {BASE}+adapt-1"
    yield lambda: offer.text() == "Training finished: see the verdict"


def promote(reader: Reviewer) -> Script:
    """Promote what the rule speaks for; else give a reason."""
    buttons = reader.window.training.buttons
    if "promote" in buttons.shown():
        yield from clicked(buttons.by_id["promote"])
    else:
        yield from clicked(buttons.by_id["promote_anyway"])
        yield buttons.reason.hasFocus
        press("o", "k")
        yield lambda: buttons.reason.text() == "ok"
        press("Return")
    yield lambda: reader.window.status.model == f"{BASE}+adapt-1"
    yield lambda: bool(reader.window.training.report) and not reader.busy


def roll_back(reader: Reviewer) -> Script:
    """Roll back with one click, and wait until every cell is classified anew."""
    yield from clicked(reader.window.training.buttons.by_id["roll_back"])
    yield lambda: reader.window.status.model == BASE
    yield lambda: bool(reader.window.training.report) and not reader.busy


def predictions(reader: Reviewer) -> dict[str, tuple[str | None, float | None]]:
    """Class and confidence of every cell that nobody has labelled."""
    cells = reader.cells().items()
    return {path: (cell.predicted, cell.pred_prob) for path, cell in cells if cell.review is None}


def groups(reader: Reviewer) -> dict[int, int]:
    """How many cells each class has in the gallery."""
    browser = reader.open_workspace.browser
    return {c: n for c, n in browser.class_counts().items() if n}


def test_a_site_is_adapted_to_and_rolled_back(
    start: Callable[[Path], Reviewer],
    foreign_site: tuple[Path, dict[str, str]],
    tmp_path: Path,
) -> None:
    folder, truth = foreign_site
    Settings(default_file()).set("reader", READER)
    reader = start(tmp_path / "workspace")
    reader.import_folder(folder)
    play(label_forty(reader, truth))
    labels = reader.open_workspace.workspace.catalogue.reviews.reviews_for()
    assert len(labels) == LABELS
    before, counted = predictions(reader), groups(reader)
    assert {found.label for found in labels.values()} > {"lymphocyte", "monocyte"}

    play(adapt(reader))
    panel = reader.window.training
    assert panel.evaluation.isVisible()
    assert panel.evaluation.reasons
    assert reader.window.status.model == BASE  # nothing changes by itself
    assert predictions(reader) == before

    play(promote(reader))
    after = predictions(reader)
    moved = [path for path in before if before[path][0] != after[path][0]]
    assert moved
    assert groups(reader) != counted
    known = [path for path in before if path in truth]
    right = [np.mean([found[p][0] == truth[p] for p in known]) for found in (before, after)]
    assert right[1] >= right[0]
    assert f"{len(moved)} of {len(before)} cells" in panel.report
    assert reader.open_workspace.workspace.catalogue.reviews.reviews_for() == labels

    play(roll_back(reader))
    assert groups(reader) == counted
    for path, (label, prob) in predictions(reader).items():
        assert label == before[path][0]
        assert prob == pytest.approx(before[path][1], abs=1e-6)
    assert reader.open_workspace.workspace.catalogue.reviews.reviews_for() == labels

    told = [event.type for event in reader.open_workspace.workspace.catalogue.events.all()]
    steps = [EventType.JOB_STARTED, EventType.MODEL_REGISTERED, EventType.JOB_ENDED]
    steps += [EventType.MODEL_PROMOTED, EventType.MODEL_ROLLED_BACK]
    assert [type_ for type_ in told if type_ in steps] == steps
    reader.close()
    with Workspace.open(tmp_path / "workspace") as opened:
        assert verify(opened, TAXONOMY).problems == ()
