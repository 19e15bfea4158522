from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.services.workspace_models import verdict
from wbc_desktop.domain.training.evaluation import ClassScore, Outcome
from wbc_desktop.gui.training.evaluation_panel import (
    ClassChangeChart,
    class_change_figures,
    class_change_in_words,
)
from wbc_desktop.gui.training.training_panel import TrainingPanel
from wbc_desktop.gui.training.training_text import evaluation_view, reclassification_text
from wbc_desktop.gui.training.view_models import (
    ClassChange,
    CurvePoint,
    PanelButton,
    PredictionChange,
    ProgressView,
    ReclassificationView,
)
from wbc_desktop.gui.widgets.theme import DARK, LIGHT

MONOCYTE = TAXONOMY.by_id["monocyte"]


def panel(qtbot: QtBot) -> TrainingPanel:
    made = TrainingPanel(LIGHT)
    qtbot.addWidget(made)
    made.show()
    return made


def test_only_the_buttons_asked_for_are_there_and_say_why_they_are_off(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    shown.show_text(
        "T", "t", (PanelButton(id="adapt"), PanelButton(id="finetune", enabled=False, why_not="no"))
    )
    assert shown.buttons.shown() == ["adapt", "finetune"]
    assert not shown.buttons.by_id["finetune"].isEnabled()
    assert shown.buttons.by_id["finetune"].toolTip() == "no"
    told = QSignalSpy(shown.button_pressed)
    shown.buttons.by_id["adapt"].click()
    assert told.at(0) == ["adapt"]


def test_a_reason_is_asked_for_in_place_and_never_empty(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    asks = (PanelButton(id="promote_anyway"), PanelButton(id="keep"))
    shown.show_evaluation("m", "", evaluation_view(verdict(Outcome.NOT_BETTER), TAXONOMY), asks)
    told, asked = QSignalSpy(shown.reason_given), QSignalSpy(shown.button_pressed)
    shown.buttons.by_id["promote_anyway"].click()
    assert shown.buttons.reason.isVisible()
    assert not shown.buttons.use.isEnabled()
    shown.buttons.reason.setText("   ")
    QTest.keyClick(shown.buttons.reason, Qt.Key.Key_Return)
    assert not shown.buttons.use.isEnabled()
    assert told.count() == asked.count() == 0
    shown.buttons.reason.setText(" seen on my slides ")
    QTest.keyClick(shown.buttons.reason, Qt.Key.Key_Return)
    assert told.at(0) == ["seen on my slides"]
    shown.show_text("other", "", (PanelButton(id="keep"),))
    assert not shown.buttons.reason.isVisible()
    assert not shown.buttons.reason.text()


def test_a_verdict_shows_its_reasons_measures_and_classes(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    shown.show_evaluation("m", "", evaluation_view(verdict(), TAXONOMY), ())
    assert shown.evaluation.title == "✓ Better, provisionally"
    assert "On 40 cells it is right more often." in shown.evaluation.reasons
    (row,) = shown.evaluation.classes.rows
    assert (row.cell_class.id, row.n, row.before, row.after) == ("monocyte", 12, 0.25, 0.75)
    shown.show_evaluation("m", "", evaluation_view(verdict(Outcome.NOT_BETTER), TAXONOMY), ())
    assert shown.evaluation.title == "✗ Not better: kept as a candidate"


def test_a_site_stands_once_where_it_is_the_only_one() -> None:
    names = [figure.name for figure in evaluation_view(verdict(), TAXONOMY).metrics]
    assert names == ["Macro-F1 here, 40 cells", "Calibration error here"]


def test_a_change_is_told_by_figures_and_a_sign_as_well_as_by_its_bar(qtbot: QtBot) -> None:
    up, down = ClassChange(MONOCYTE, 12, 0.25, 0.75), ClassChange(MONOCYTE, 12, 0.5, 0.25)
    assert class_change_figures(up) == "0.25 → 0.75 ▲"
    assert class_change_figures(down) == "0.50 → 0.25 ▼"
    assert class_change_figures(ClassChange(MONOCYTE, 1, 0.5, 0.5)) == "0.50 → 0.50 ="
    bars = ClassChangeChart(DARK)
    qtbot.addWidget(bars)
    bars.resize(300, 100)
    bars.show_rows((up,))
    assert class_change_in_words(up) in bars.accessibleName()
    picture = bars.grab().toImage()
    colours = {picture.pixelColor(x, 33).name() for x in range(picture.width())}
    assert MONOCYTE.colour_dark.lower() in colours


def test_classes_with_too_few_cells_are_grey_and_said_not_to_count(qtbot: QtBot) -> None:
    rows = [ClassScore("monocyte", 12, 0.25, 0.75), ClassScore("eosinophil", 5, 0.5, 0.75)]
    judged = replace(verdict(), rows=(*rows, ClassScore("basophil", 2, 0.0, 1.0)))
    shown = panel(qtbot)
    shown.show_evaluation("m", "", evaluation_view(judged, TAXONOMY), ())
    classes = shown.evaluation.classes
    assert [row.counts for row in classes.rows] == [True, True, False]
    assert class_change_figures(classes.rows[2]) == "(0.00 → 1.00)"
    assert class_change_in_words(classes.rows[2]).endswith(
        "too few cells to judge by, not part of the mean"
    )
    assert "too few" not in class_change_in_words(classes.rows[0])
    assert shown.evaluation.legend.isVisible()
    picture = classes.grab().toImage()
    colours = {picture.pixelColor(x, 77).name() for x in range(picture.width())}
    assert MONOCYTE.colour_light.lower() not in colours
    assert TAXONOMY.by_id["basophil"].colour_light.lower() not in colours
    assert LIGHT.border.lower() in colours
    shown.show_evaluation("m", "", evaluation_view(replace(judged, rows=tuple(rows)), TAXONOMY), ())
    assert not shown.evaluation.legend.isVisible()
    # Where hardly any class has enough cells, the mean is that of all.
    few = (ClassScore("monocyte", 12, 0.2, 0.7), ClassScore("basophil", 2, 0.0, 1.0))
    view = evaluation_view(replace(judged, rows=few), TAXONOMY)
    assert all(row.counts for row in view.classes)


def test_curves_come_with_the_second_figure_and_go_with_the_next_training(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    shown.show_progress(ProgressView(title="T", text="t", done=1, total=4), ())
    shown.show_curves((CurvePoint(0, 1.0, None), CurvePoint(1, 0.5, 0.625)))
    curves = shown._curves
    assert curves is not None
    assert curves.isVisible()
    assert curves.accessibleName() == "Training curves: Loss 0.500, Macro-F1 0.625"
    shown.set_theme(DARK)
    shown.clear()
    assert not curves.isVisible()
    shown.show_curves((CurvePoint(0, None, 0.9),))
    assert not curves.isVisible()  # one point is no curve


def test_a_report_names_the_commonest_changes_and_counts_the_rest() -> None:
    moves = tuple(PredictionChange("Monocyte", f"Class {i}", 20 - i) for i in range(14))
    text = reclassification_text(ReclassificationView(model_id="m", total=400, changes=moves))
    assert text.startswith("189 of 400 cells without a label are of another class now.")
    assert "20 × Monocyte → Class 0" in text
    assert text.endswith(f"{8 + 7} more")
    assert "no class changed" in reclassification_text(ReclassificationView(model_id="m", total=3))


def test_esc_gives_the_keyboard_back(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    left = QSignalSpy(shown.escaped)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert left.count() == 1


@pytest.mark.parametrize("name", ["promote", "promote_anyway"])
def test_when_the_button_that_was_pressed_goes_so_does_the_keyboard(
    qtbot: QtBot, name: str
) -> None:
    shown = panel(qtbot)
    shown.show_text("T", "t", (PanelButton(id=name), PanelButton(id="keep")))
    shown.buttons.by_id[name].setFocus()
    shown.buttons.by_id[name].click()  # the second one asks for a reason, in place
    left = QSignalSpy(shown.escaped)
    shown.show_text("In use: m", "", (PanelButton(id="roll_back"), PanelButton(id="done")))
    assert left.count() == 1
    shown.buttons.by_id["done"].setFocus()
    shown.show_text(
        "In use: m", "12 changed", (PanelButton(id="roll_back"), PanelButton(id="done"))
    )
    assert left.count() == 1  # it is there still
