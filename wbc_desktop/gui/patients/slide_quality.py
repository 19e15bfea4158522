"""Decides what is said of slides as a whole: in the banner, and by marks in the tree.

A slide with an alarm is announced whenever it is among what the reader has chosen, until the reader
dismisses it; that is remembered for this session, not longer. The key of the action shows it again,
and shows what is known of slides without an alarm.

What is stored of a slide names a measure and its figures, such as "ground colour greener than at
any training site (0.31 OD, sites 0.05 to 0.18)"; here it becomes a sentence, and the figures stand
apart. A measure that has no row in ``_SUBJECTS`` keeps its own name.
"""

import re
from collections.abc import Sequence

from wbc_desktop.domain.cells.slide_shift import SlideQuality, SlideShift
from wbc_desktop.domain.wording import capitalised, counted
from wbc_desktop.gui.context import WorkspaceContext

ALARM_TITLE = "Staining, scale or sharpness unlike the training sites: confidence may be overstated"
_FIGURES = re.compile(r"\s*\(([^()]*)\)\.?$")
_SUBJECTS = {  # the longer ones first
    "ground colour": "the background is",
    "ground": "the background is",
    "nucleus in its window": "the nuclei are",
    "nucleus colour": "the nuclei are",
    "nucleus": "the nuclei are",
    "picture": "the pictures are",
    "cells": "the cells are",
}
_WELL, _FAR = 1.5, 3.0  # times the threshold of the alarm
_NEAR, _CLOSE = 0.5, 0.8
_NAMED = 4  # slides told one by one before the rest is only counted


class SlideQualityController:
    """Shows the quality of the chosen slides.

    Args:
        context: The open workspace; the banner says it, and the tree marks slides with an alarm.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        self._catalogue, self._browser = context.catalogue, context.browser
        self._banner, self._tree = context.window.banner, context.window.tree
        self._qualities: Sequence[SlideQuality] = ()
        self._dismissed: set[int] = set()
        self._asked = False

    def reload(self) -> None:
        """Read the assessments anew, after some were stored or patients came."""
        self._qualities = self._catalogue.slides.qualities()
        self._tree.mark({q.slide_id: q.words() for q in self._qualities if q.alarm})
        self._show()

    def choose(self) -> None:
        """Say what is to be said of what is chosen now."""
        self._asked = False
        self._show()

    def toggle(self) -> None:
        """Show the quality of the chosen slides, or hide it."""
        if self._banner.isVisible():
            self.dismiss()
        else:
            self._asked = True
            self._show()

    def dismiss(self) -> None:
        """Hide what is said; slides with an alarm stay quiet for the rest of the session."""
        self._asked = False
        self._dismissed |= {q.slide_id for q in self._chosen() if q.alarm}
        self._show()

    def _show(self) -> None:
        chosen = self._chosen()
        alarms = [q for q in chosen if q.alarm]
        quiet = not self._asked and all(q.slide_id in self._dismissed for q in alarms)
        if not chosen or quiet:
            self._banner.hide()
        elif alarms:
            told, tip = alarm_text(alarms), measured_text(alarms)
            self._banner.show_quality(ALARM_TITLE, told, tip=tip, alarm=True)
        else:
            told, tip = calm_text(chosen), measured_text(chosen)
            self._banner.show_quality("Slide quality: no alarm", told, tip=tip, alarm=False)

    def _chosen(self) -> list[SlideQuality]:
        shown = self._browser.chosen_slides()
        return [q for q in self._qualities if q.slide_id in shown]


def alarm_text(alarms: Sequence[SlideQuality]) -> str:
    """Return what is unusual about the slide that is farthest out, and what to do.

    Args:
        alarms: At least one slide with an alarm.
    """
    worst = max(alarms, key=_score)
    shift = worst.shift
    if shift is None:
        return ""
    text = (
        f"{worst.patient}, {worst.slide}: {_sentence(main_difference(shift))} "
        f"{shift_size(shift)}. {_sentence(shift.advice)}"
    )
    if len(alarms) > 1:
        text += f" {counted(len(alarms) - 1, 'more slide')} marked at the left."
    return text


def calm_text(slides: Sequence[SlideQuality]) -> str:
    """Return what is known of slides without an alarm."""
    told = [f"{q.patient}, {q.slide}: {_calm_words(q)}" for q in slides[:_NAMED]]
    if len(slides) > _NAMED:
        told.append(f"{counted(len(slides) - _NAMED, 'more slide')} without an alarm")
    return ". ".join(told) + "."


def _calm_words(quality: SlideQuality) -> str:
    if quality.shift is None:
        return quality.words()
    return shift_size(quality.shift)


def measured_text(slides: Sequence[SlideQuality]) -> str:
    """Return the figures behind what is said, a line for each slide, the farthest out first."""
    judged = sorted((q for q in slides if q.shift is not None), key=_score, reverse=True)
    lines = [
        f"{q.patient}, {q.slide}. {shift_figures(q.shift)}" for q in judged[:_NAMED] if q.shift
    ]
    return "\n".join(lines)


def _score(quality: SlideQuality) -> float:
    return quality.shift.score if quality.shift is not None else 0.0


def _sentence(text: str) -> str:
    text = capitalised(text)
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def main_difference(shift: SlideShift) -> str:
    """Return what differs most, as a sentence without figures and without its full stop."""
    said = _FIGURES.sub("", shift.text)
    for measure, words in _SUBJECTS.items():
        if said.startswith(f"{measure} "):
            return capitalised(words + said.removeprefix(measure))
    return capitalised(said)


def shift_size(shift: SlideShift) -> str:
    """Return how far out a slide is, as a sentence without its full stop."""
    if shift.alarm:
        far = "Far" if shift.score >= _FAR else "Well" if shift.score >= _WELL else "Just"
        return f"{far} beyond what is usual there"
    if shift.score >= _CLOSE:
        return "hardly like the training sites, but no alarm"
    return f"{'rather' if shift.score >= _NEAR else 'much'} like the training sites"


def shift_figures(shift: SlideShift) -> str:
    """Return the figures behind the words."""
    found = _FIGURES.search(shift.text)
    values = f"{found[1]}; " if found else ""
    return f"Measured: {values}{shift.score:.2f} times the alarm threshold, {shift.n:,} cells"
