"""Parts of a report that say how far it can be trusted: slides with an alarm, expected shares."""

from collections.abc import Mapping
from html import escape

from wbc_desktop.domain.cells.slide_shift import SlideQuality

EXPECTED_MEANING = (
    "Expected (estimated) is no count: it is the mix of classes under which the model’s "
    "probabilities for all cells of the patient make most sense together (label-shift EM). It "
    "leaves the labels of people aside."
)
_NOT_HERE = (
    " It takes for granted that each class looks as it did at the training sites, so do not rely"
    " on it here."
)


def warning(quality: SlideQuality) -> str:
    """Return the warning about one slide that is unlike every training site."""
    shift = quality.shift
    if shift is None:
        return ""
    return (
        '<aside class="shift" role="note"><strong>Staining, scale or sharpness unlike the training'
        " sites: confidence may be overstated.</strong>"
        f"<p>Slide {escape(quality.slide)}: {escape(shift.text)}"
        f" ({shift.score:.2f} times the alarm threshold, {shift.n:,} cells).</p>"
        f"<p>{escape(shift.advice)}</p></aside>"
    )


def expected_head(*, shown: bool) -> str:
    """Return the head of the column of expected shares, if there is one."""
    return '<th scope="col" class="number">Expected (estimated)</th>' if shown else ""


def expected_cell(class_id: str, expected: Mapping[str, float] | None) -> str:
    """Return one class's field in that column.

    Args:
        class_id: The class.
        expected: Percent by class id, or None where there is no such column.
    """
    if expected is None:
        return ""
    percent = expected.get(class_id)
    return f'<td class="number quiet">{"–" if percent is None else f"{percent:.1f}"}</td>'


def expected_note(*, alarm: bool) -> str:
    """Return the sentence that says what the column is.

    Args:
        alarm: A slide of the patient is unlike the training sites.
    """
    return f'<p class="estimate">{EXPECTED_MEANING}{_NOT_HERE if alarm else ""}</p>'
