"""The assessment of a slide, in events and in words."""

import pytest

from wbc_desktop.domain.audit.events import canonical
from wbc_desktop.domain.cells.slide_shift import SlideQuality, SlideShift

SHIFT = SlideShift(
    n=48, score=1.23456789, alarm=True, statistic="ground", text="Bluer.", advice="Look."
)


def quality(shift: SlideShift | None, *, n_cells: int = 48) -> SlideQuality:
    return SlideQuality(slide_id=1, patient="P", slide="s", n_cells=n_cells, shift=shift)


def test_an_event_carries_it_without_floats_and_gives_it_back() -> None:
    payload = SHIFT.payload()
    assert '"score":"1.2346"' in canonical(payload)
    again = SlideShift.from_payload(payload)
    assert again.score == 1.2346
    assert again.payload() == payload


def test_what_is_no_assessment_is_refused() -> None:
    with pytest.raises(ValueError, match="no assessment"):
        SlideShift.from_payload({"n": 3})


def test_only_an_alarm_is_an_alarm() -> None:
    assert quality(SHIFT).alarm
    assert not quality(None).alarm


def test_words_tell_why_there_is_no_assessment() -> None:
    assert quality(SHIFT).words() == "Bluer."
    assert "too few cells" in quality(None, n_cells=19).words()
    assert quality(None, n_cells=20).words() == "not judged yet"
