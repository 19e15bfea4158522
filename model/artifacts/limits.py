"""What the figures of a model cannot say, in plain words, for its card.

A limit that comes from one source of crops is told only of models that were trained on it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from model.data.domains import DOMAINS, RENDERED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BY_CROP: Final = (
    "The sources carry no patient ids, so the split is by crop (by field in bccd) and not by "
    "patient: figures on the test split are optimistic for new patients of the same source."
)
ALL_SEEN: Final = (
    "Every real source was seen in training: the figures say nothing about a laboratory, stain "
    "or camera that was not."
)
CALIBRATION: Final = "Probabilities are calibrated on crops of the training sources only."
LABELS: Final = "Labels are those of the sources."
BANDS: Final = ("bccd", "jiangxi_tecom")  # they label neutrophils, bands among them
OF_LABELS: Final = MappingProxyType(
    {
        "choi_bonemarrow": (
            "The class names of choi_bonemarrow were inferred from the paper's order."
        ),
        "jiangxi_tecom": "Some labels of jiangxi_tecom are doubtful.",
    }
)


def limits_of(
    counts: Mapping[str, Mapping[str, Mapping[str, int]]], *, rendered_only: Sequence[str]
) -> list[str]:
    """Tell the limits of a model.

    Args:
        counts: crops it was trained on, per domain, class and part of the split.
        rendered_only: leaves of which no real crop was trained on.
    """
    limits = [BY_CROP, ALL_SEEN]
    if rendered_only:
        limits.append(
            f"No real cell of {', '.join(rendered_only)} was seen in training, rendered ones at "
            "best; no figure on real cells exists for them."
        )
    blasts = [name for name in counts if name != RENDERED and "blast" in counts[name]]
    if blasts and all(DOMAINS[name].tissue == "bone marrow" for name in blasts):
        limits.append("Blasts were seen in bone marrow only.")
    if merged := [name for name in BANDS if name in counts]:
        limits.append(
            f"Band and segmented neutrophils are not told apart in the labels of "
            f"{' and '.join(merged)}; between these two the model is untested there."
        )
    doubts = [text for name, text in OF_LABELS.items() if name in counts]
    return [*limits, " ".join([LABELS, *doubts]), CALIBRATION]
