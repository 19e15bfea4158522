"""How far a prediction can be trusted, in words: its set, how unusual the cell is, its ground."""

import math
from collections.abc import Sequence

from wbc_desktop.domain.cells.prediction_set import UNUSUAL

RENDERED_ONLY = "learned from rendered cells only"
UNLIKE = "unlike the training cells"
SET_MEANING = (
    "The classes that cannot be ruled out: of 100 cells like those of the training sites, 90 have "
    "their true class in the set. At another site it can be fewer."
)
OOD_MEANING = (
    "How many of 100 cells of the training sites are more usual than this one, as the network sees "
    "them. Above 99 it is unlike what the model has learned: trust its class less."
)


def set_words(names: Sequence[str]) -> str:
    """Return a prediction set in words; empty where there is none.

    Args:
        names: Of the classes in it.
    """
    if not names:
        return ""
    if len(names) == 1:
        return f"could be: {names[0]} only"
    return f"could be: {', '.join(names[:-1])} or {names[-1]}"


def is_unusual(ood: float | None) -> bool:
    """Tell whether a cell is unlike the training cells.

    Args:
        ood: Its OOD score, or None or nan where it is not known.
    """
    return ood is not None and not math.isnan(ood) and ood > UNUSUAL


def ood_words(ood: float) -> str:
    """Return an OOD score, 0–1, in words."""
    percent = 100 * ood
    figure = "99.9" if percent > 99.9 else f"{percent:.1f}" if percent > 99 else f"{percent:.0f}"
    return f"more unusual than {figure} % of training-site cells"
