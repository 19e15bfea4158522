"""What the window says of slides that are unlike the training sites."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from model.uncertainty.slide_shift import COLUMNS, ShiftReference, describe
from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.cells.slide_shift import SlideQuality, SlideShift
from wbc_desktop.gui.patients.slide_quality import (
    ALARM_TITLE,
    alarm_text,
    calm_text,
    main_difference,
    shift_figures,
    shift_size,
)
from wbc_desktop.services.session.system_commands import StoreSlideShifts

GREEN = SlideShift(
    n=20,
    score=2.345,
    alarm=True,
    statistic="ground",
    text="ground greener than at any training site (0.31, sites 0.05 to 0.18)",
    advice="Check the white balance",
)
CALM = SlideShift(n=20, score=0.42, alarm=False, statistic="s", text="t", advice="a")
SLIDE_1, SLIDE_2 = 1, 2
SHIFT = SlideShift(n=20, score=1.2, alarm=True, statistic="s", text="", advice="a")
SITES = ShiftReference(
    sites=("Barcelona", "Munich"),
    centre=np.array([np.full(len(COLUMNS), 0.2), np.full(len(COLUMNS), 0.4)]),
    spread=np.ones((2, len(COLUMNS))),
    threshold=1.0,
)


@pytest.fixture
def shifted(driver: Driver) -> Driver:
    """The window on a workspace whose first slide has an alarm."""
    shifts = {SLIDE_1: GREEN, SLIDE_2: CALM}
    driver.open_workspace.session.record(
        StoreSlideShifts(model_id="m", model_sha256="ab" * 32, shifts=shifts)
    )
    return driver


def choose(driver: Driver, *, slide: int) -> None:
    driver.window.tree.chosen.emit(frozenset(), frozenset({slide}))


def test_without_an_assessment_nothing_is_said(driver: Driver) -> None:
    assert not driver.window.banner.isVisible()


def test_an_alarm_says_what_differs_by_how_much_and_what_to_do(shifted: Driver) -> None:
    banner = shifted.window.banner
    assert banner.isVisible()
    assert banner.title == ALARM_TITLE
    assert banner.text == (
        "P-7, slide 1: The background is greener than at any training site. "
        "Well beyond what is usual there. Check the white balance."
    )
    figures = "Measured: 0.31, sites 0.05 to 0.18; 2.35 times the alarm threshold, 20 cells"
    assert banner.toolTip() == f"P-7, slide 1. {figures}"


def test_it_is_said_of_the_chosen_slide_only(shifted: Driver) -> None:
    choose(shifted, slide=SLIDE_2)
    assert not shifted.window.banner.isVisible()
    choose(shifted, slide=SLIDE_1)
    assert shifted.window.banner.isVisible()


def test_what_is_dismissed_stays_quiet_until_it_is_asked_for(shifted: Driver) -> None:
    banner = shifted.window.banner
    QTest.mouseClick(banner.dismiss_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()
    choose(shifted, slide=SLIDE_1)
    assert not banner.isVisible()
    shifted.press("Q")
    assert banner.title == ALARM_TITLE
    assert banner.isVisible()
    shifted.press("Q")
    assert not banner.isVisible()


def test_the_next_start_says_it_again(
    shifted: Driver, new_driver: Callable[[], Driver], workspace_of_six: Path
) -> None:
    shifted.window.banner.dismiss_button.click()
    shifted.close()
    again = new_driver().start(workspace_of_six)
    assert again.window.banner.isVisible()


def test_the_quality_of_a_slide_without_an_alarm_is_told_when_asked(shifted: Driver) -> None:
    choose(shifted, slide=SLIDE_2)
    shifted.press("Q")
    banner = shifted.window.banner
    assert banner.title == "Slide quality: no alarm"
    assert banner.text == "P-7, slide 2: much like the training sites."
    assert "0.42 times the alarm threshold" in banner.toolTip()


def test_a_slide_of_few_cells_is_said_to_have_too_few(driver: Driver) -> None:
    driver.press("Q")
    assert "too few cells" in driver.window.banner.text


def test_the_tree_marks_the_slide_and_its_patient(shifted: Driver) -> None:
    tips = dict(shifted.window.tree.tips())
    assert "Unlike the training sites: ground greener" in tips["slide 1"]
    assert "Unlike the training sites" in tips["P-7"]
    assert "Unlike" not in tips["slide 2"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_long_text_neither_widens_the_window_nor_is_cut(shifted: Driver, theme: str) -> None:
    shifted.window.commands[f"theme_{theme}"].trigger()
    shifted.window.resize(QSize(1280, 680))
    banner = shifted.window.banner
    banner.show_quality("Title " * 30, "Name-without-a-break" * 30, tip="", alarm=True)
    QApplication.processEvents()
    assert shifted.window.width() == 1280
    centre = shifted.window.centralWidget()
    assert centre is not None
    assert centre.minimumSizeHint().width() <= 1280
    assert centre.minimumSizeHint().height() <= 600
    banner.show_quality(ALARM_TITLE, "A sentence of some length. " * 12, tip="", alarm=True)
    QApplication.processEvents()
    assert shifted.window.height() == 680
    line = banner.fontMetrics().lineSpacing()
    assert banner.height() >= 3 * line


def quality(slide: str, shift: SlideShift | None) -> SlideQuality:
    return SlideQuality(slide_id=1, patient="P", slide=slide, n_cells=30, shift=shift)


def test_of_several_alarms_the_farthest_is_told_and_the_others_counted() -> None:
    mild = SlideShift(n=20, score=1.1, alarm=True, statistic="s", text="Mild.", advice="a")
    text = alarm_text([quality("a", mild), quality("b", GREEN), quality("c", mild)])
    assert text.startswith("P, b: The background is greener")
    assert text.endswith("2 more slides marked at the left.")


def test_many_calm_slides_are_counted() -> None:
    text = calm_text([quality(str(i), CALM) for i in range(6)])
    assert text.count("much like the training sites") == 4
    assert text.endswith("2 more slides without an alarm.")


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=[column.name for column in COLUMNS])
@pytest.mark.parametrize("value", [0.1, 0.3, 0.9])
def test_no_measure_shows_its_figures_or_its_name(column: int, value: float) -> None:
    text = describe(column, value, 0, SITES)
    words = main_difference(replace(SHIFT, text=text))
    assert words.startswith("The ")
    assert not any(sign.isdigit() or sign == "(" for sign in words)
    assert "in its window" not in words
    assert text[text.index("(") + 1 : -1] in shift_figures(replace(SHIFT, text=text))


def test_what_is_stored_in_other_words_is_told_as_it_is() -> None:
    assert main_difference(replace(SHIFT, text="other stain")) == "Other stain"
    assert shift_figures(SHIFT) == "Measured: 1.20 times the alarm threshold, 20 cells"


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (9.0, "Far beyond what is usual there"),
        (2.0, "Well beyond what is usual there"),
        (1.01, "Just beyond what is usual there"),
        (0.99, "hardly like the training sites, but no alarm"),
        (0.6, "rather like the training sites"),
        (0.1, "much like the training sites"),
    ],
)
def test_how_far_out_a_slide_is_has_words(score: float, words: str) -> None:
    assert shift_size(replace(SHIFT, score=score, alarm=score > 1)) == words
