"""How a slide differs from the training sites, in the words of the bench; figures stand apart.

What is stored names a measure and its figures, such as "ground colour greener than at any training
site (0.31 OD, sites 0.05 to 0.18)". A measure that has no row in ``_SUBJECTS`` keeps its own name.
"""

import re

from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.wording import capitalised

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


def difference(shift: SlideShift) -> str:
    """Return what differs most, as a sentence without figures and without its full stop."""
    said = _FIGURES.sub("", shift.text)
    for measure, words in _SUBJECTS.items():
        if said.startswith(f"{measure} "):
            return capitalised(words + said.removeprefix(measure))
    return capitalised(said)


def distance(shift: SlideShift) -> str:
    """Return how far out a slide is, as a sentence without its full stop."""
    if shift.alarm:
        far = "Far" if shift.score >= _FAR else "Well" if shift.score >= _WELL else "Just"
        return f"{far} beyond what is usual there"
    if shift.score >= _CLOSE:
        return "hardly like the training sites, but no alarm"
    return f"{'rather' if shift.score >= _NEAR else 'much'} like the training sites"


def measured(shift: SlideShift) -> str:
    """Return the figures behind the words."""
    found = _FIGURES.search(shift.text)
    values = f"{found[1]}; " if found else ""
    return f"Measured: {values}{shift.score:.2f} times the alarm threshold, {shift.n:,} cells"
