"""The calibration set of a model: its validation split, as `model.uncertainty.estimator` wants it.

Cells of a domain whose scale is known come twice, by the estimated and by the known window, as the
application may show either; the second view is a site of its own and has no say in calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from model.data.crop_set import load_evaluation_set
from model.data.domains import DOMAINS
from model.uncertainty.estimator import CalibrationSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from model.data.crop_set import CropSet
    from model.network.head import Head

SECOND_VIEW: Final = ", known scale"  # appended to the domain's name


def collect_calibration_set(
    validation: CropSet,
    root: Path,
    *,
    embed: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    head: Head,
    weights: NDArray[np.float64],
) -> CalibrationSet:
    """Embed the validation split, with the second view of the cells whose scale is known.

    Args:
        validation: of `load_evaluation_set`, at the estimated scale.
        root: folder with the images.
        embed: uint8 (n, s, s, 3) to float32 (n, d), the network or its engine.
        head: of the network.
        weights: float64 (n,), each validation cell's say in calibration.
    """
    records, crops = list(validation.records), validation.crops
    sites = [record.domain for record in records]
    scaled = [record for record in records if DOMAINS[record.domain].um_per_px is not None]
    if scaled:
        second = load_evaluation_set(scaled, root, known_scale=True)
        records += scaled
        sites += [record.domain + SECOND_VIEW for record in scaled]
        crops = np.concatenate([crops, second.crops])
    embedding = embed(crops)
    return CalibrationSet(
        embedding=embedding,
        logits=head.logits(embedding),
        labels=tuple(record.label for record in records),
        sites=tuple(sites),
        crops=crops,
        weights=np.concatenate([weights, np.zeros(len(scaled))]),
        classes=head.classes,
    )
