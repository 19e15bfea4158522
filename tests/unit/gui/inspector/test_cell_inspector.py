from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.review.review import Review, ReviewMode, Status
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.inspector.cell_inspector import EMPTY_HINT, CellInspector
from wbc_desktop.gui.inspector.probability_bars import Bar, ProbabilityBars
from wbc_desktop.gui.widgets.prediction_text import CONFIDENCE_MEANING
from wbc_desktop.gui.widgets.theme import DARK, LIGHT
from wbc_desktop.store.records import CellRecord

TAXONOMY = taxonomy_v1()
RECORD = CellRecord(
    id=7,
    cell_id="w7k3qm-0000007",
    patient_code="P-7",
    slide_code="slide 1",
    site="Ward 2",
    um_per_px=0.1,
    image_path="slide 1/cell.png",
    image_sha256="ab" * 32,
    source_label=None,
    predicted="lymphocyte",
    pred_prob=0.93,
    probs=np.eye(len(TAXONOMY.leaves), dtype=np.float32)[TAXONOMY.leaves.index("lymphocyte")],
    model_id="wbc-robust-1",
    model_sha256="cd" * 32,
    predicted_at="2026-11-21T09:30:00.000000Z",
    scale_source=0,
    pred_set=None,
    ood_score=None,
    slide_shift=None,
    review=None,
    flagged=False,
    note="",
)


@pytest.fixture
def inspector(qtbot: QtBot) -> CellInspector:
    made = CellInspector(TAXONOMY, LIGHT)
    qtbot.addWidget(made)
    made.resize(320, 600)
    made.show()
    return made


def notes_of(inspector: CellInspector) -> list[tuple[int, str]]:
    written: list[tuple[int, str]] = []
    inspector.note_written.connect(lambda cell_id, text: written.append((cell_id, text)))
    return written


def test_set_and_unusualness_are_told(inspector: CellInspector) -> None:
    inspector.show_cell(RECORD)
    assert inspector.trust_text == ""
    leaves = TAXONOMY.leaves
    packed = 1 << leaves.index("lymphocyte") | 1 << leaves.index("blast")
    inspector.show_cell(replace(RECORD, pred_set=packed, ood_score=0.42))
    assert inspector.trust_text == (
        "Could be: LYM · BLA (90 % set)\nMore unusual than 42 % of training-site cells"
    )
    inspector.show_cell(replace(RECORD, ood_score=0.9995))
    assert inspector.trust_text == (
        "Unlike the training cells: more unusual than 99.9 % of training-site cells"
    )


def test_a_class_known_from_rendered_cells_only_says_so(inspector: CellInspector) -> None:
    inspector.set_rendered_only(frozenset({"lymphocyte"}))
    inspector.show_cell(RECORD)
    assert "rendered cells only" in inspector.trust_text
    inspector.show_cell(replace(RECORD, predicted="blast"))
    assert inspector.trust_text == ""


def test_model_and_human_labels_look_different(inspector: CellInspector) -> None:
    inspector.show_cell(RECORD)
    assert inspector.label_text == "○ LYM  Lymphocyte"
    review = Review(
        label="blast",
        status=Status.CORRECTED,
        reviewer="Ada",
        reviewed_at="2026-11-21T09:31:00.000000Z",
        mode=ReviewMode.SINGLE,
        n_reviews=1,
    )
    inspector.show_cell(replace(RECORD, review=review))
    assert inspector.label_text == "● BLA  Blast"
    assert "LYM 93 %" in inspector.model_text
    assert "corrected by Ada" in inspector.model_text


def test_an_unreviewed_cell_says_so(inspector: CellInspector) -> None:
    inspector.show_cell(RECORD)
    assert "not reviewed" in inspector.model_text


def test_an_unclassified_cell_has_no_bars(inspector: CellInspector) -> None:
    blank = replace(RECORD, predicted=None, pred_prob=None, probs=None, model_id=None)
    inspector.show_cell(blank)
    assert inspector.label_text == "Not classified yet"
    (bars,) = inspector.findChildren(ProbabilityBars)
    assert not bars.isVisibleTo(inspector)


def test_the_meaning_of_the_confidence_is_a_hover_away(inspector: CellInspector) -> None:
    inspector.show_cell(RECORD)
    (bars,) = inspector.findChildren(ProbabilityBars)
    assert bars.toolTip() == CONFIDENCE_MEANING


def test_a_note_is_written_once_by_enter(inspector: CellInspector, qtbot: QtBot) -> None:
    inspector.show_cell(RECORD)
    written = notes_of(inspector)
    inspector.edit_note()
    QTest.keyClicks(inspector.note, "look again")
    with qtbot.waitSignal(inspector.left):
        QTest.keyClick(inspector.note, Qt.Key.Key_Return)
    assert written == [(7, "look again")]


def test_a_note_being_typed_survives_news_of_the_cell(inspector: CellInspector) -> None:
    inspector.show_cell(RECORD)
    inspector.edit_note()
    QTest.keyClicks(inspector.note, "look ag")
    inspector.show_cell(replace(RECORD, flagged=True))
    assert inspector.note.text() == "look ag"


def test_a_note_being_typed_is_written_when_another_cell_comes(
    inspector: CellInspector, qtbot: QtBot
) -> None:
    inspector.show_cell(RECORD)
    written = notes_of(inspector)
    inspector.edit_note()
    QTest.keyClicks(inspector.note, "look again")
    with qtbot.waitSignal(inspector.note_written):
        inspector.show_cell(replace(RECORD, id=8))
    assert written == [(7, "look again")]
    assert inspector.note.text() == ""


def test_escape_leaves_the_note_as_it_was(inspector: CellInspector, qtbot: QtBot) -> None:
    inspector.show_cell(replace(RECORD, note="old"))
    written = notes_of(inspector)
    inspector.edit_note()
    QTest.keyClicks(inspector.note, "new")
    with qtbot.waitSignal(inspector.left):
        QTest.keyClick(inspector.note, Qt.Key.Key_Escape)
    assert inspector.note.text() == "old"
    assert written == []


def test_without_a_cell_nothing_can_be_written(inspector: CellInspector) -> None:
    inspector.show_cell(None)
    inspector.edit_note()
    assert not inspector.note.isEnabled()
    assert not inspector.note.isVisible()
    assert (inspector.label_text, inspector.model_text) == ("No cell chosen", EMPTY_HINT)


def test_the_likeliest_classes_are_shown_and_spoken(qtbot: QtBot) -> None:
    bars = ProbabilityBars(DARK)
    qtbot.addWidget(bars)
    classes = TAXONOMY.classes[:7]
    bars.show_bars([Bar(c, p) for c, p in zip(classes, (0.1, 0, 0.5, 0, 0.3, 0, 0.1), strict=True)])
    assert bars.accessibleName().startswith("Probabilities: Eosinophil 50 %, Lymphocyte 30 %")
    assert "Basophil" not in bars.accessibleName()


def test_long_names_push_nothing_out_of_sight(inspector: CellInspector, qtbot: QtBot) -> None:
    long = replace(RECORD, patient_code="Universitätsklinikum_" * 9, image_path="ü" * 200)
    inspector.show_cell(long)
    inspector.show_history([f"note “{'W' * 200}”"])
    for fold in inspector._folds.values():
        fold.set_open(True)
    area = inspector.findChild(QScrollArea)
    bars = inspector.findChild(ProbabilityBars)
    assert area is not None
    assert bars is not None
    qtbot.waitUntil(lambda: area.verticalScrollBar().isVisible())
    body = area.widget()
    assert body is not None
    assert body.width() == area.viewport().width()
    right = bars.mapTo(area.viewport(), bars.rect().topRight()).x()
    assert right <= area.viewport().width()
