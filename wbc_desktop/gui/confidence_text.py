"""A confidence in words: whole percent, never "100 %" for what is not certain, nor "0 %"."""

CONFIDENCE_MEANING = (
    "The probability that the model gives to this class. It was learned at the training sites: "
    "with another stain or scanner it can be too high."
)


def percent_words(percent: int) -> str:
    """Return a rounded probability in words.

    Args:
        percent: Whole percent, 0–100.
    """
    if percent >= 100:
        return ">99 %"
    return "<1 %" if percent <= 0 else f"{percent} %"


def confidence_words(probability: float) -> str:
    """Return a probability, 0–1, in words."""
    return percent_words(round(100 * probability))
