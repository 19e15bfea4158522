"""A confidence in words: whole percent, never "100 %" for what is not certain, nor "0 %".

It is cut down to whole percent, never rounded up, so that what is shown never contradicts a filter
such as ``conf:<0.9`` or a threshold: 89.9 % reads "89 %". Files for other programs have all digits.
"""

import numpy as np
from numpy.typing import NDArray

CONFIDENCE_MEANING = (
    "The probability that the model gives to this class. It was learned at the training sites: "
    "with another stain or scanner it can be too high."
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
