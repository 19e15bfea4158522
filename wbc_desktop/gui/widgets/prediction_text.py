"""A prediction in words: its confidence, its set, how unusual the cell is, what it rests on.

A confidence is in whole percent, never "100 %" for what is not certain, nor "0 %". It is cut down,
never rounded up, so that what is shown never contradicts a filter such as ``conf:<0.9`` or a
threshold: 89.9 % reads "89 %". Files for other programs have all digits.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.prediction_set import UNUSUAL

CONFIDENCE_MEANING = (
    "The probability that the model gives to this class. It was learned at the training sites: "
    "with another stain or scanner it can be too high."
)
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
# Where each whole percent begins, in the precision that the filters compare in.
_BEGINS = np.append(np.arange(100) / 100, 0.995).astype(np.float32)


def whole_percent(probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return probabilities in whole percent, cut down; 100 stands for more than 99.

    Args:
        probabilities: float32, any shape, each 0–1; no nan.

    Returns:
        int64, same shape, 0–100.
    """
    return np.searchsorted(_BEGINS, probabilities, side="right").astype(np.int64) - 1


def percent_words(percent: int) -> str:
    """Return a probability in words.

    Args:
        percent: Of ``whole_percent``.
    """
    if percent >= 100:
        return ">99 %"
    return "<1 %" if percent <= 0 else f"{percent} %"


def confidence_words(probability: float) -> str:
    """Return a probability, 0–1, in words."""
    return percent_words(int(whole_percent(np.array([probability], np.float32))[0]))


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
