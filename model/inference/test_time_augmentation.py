"""Test-time augmentation: the same crop turned and mirrored, and the embeddings averaged.

A cell on a slide has no up and no left, so a quarter turn or a mirror image shows the same cell and
costs no resampling. Embeddings are averaged, not probabilities: the head is linear, so this gives
the mean of the logits too, and everything else that reads embeddings (site alignment, OOD score,
the memory for later adaptation) sees one vector per cell. In numpy, for torch and ONNX alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

VIEWS: Final = (1, 4, 8)  # as it is; its quarter turns; these and their mirror images


def augmented_view(crops: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
    """Return one augmented view of each crop.

    Args:
        crops: uint8 (n, s, s, 3).
        index: 0 is the crop as it is, 1..3 its quarter turns, 4..7 the same of its mirror image.

    Returns:
        uint8 (n, s, s, 3), contiguous.
    """
    seen = crops[:, :, ::-1] if index >= 4 else crops
    return np.ascontiguousarray(np.rot90(seen, index % 4, axes=(1, 2)))


def average_augmented_views(
    embed: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    crops: NDArray[np.uint8],
    *,
    views: int,
) -> NDArray[np.float32]:
    """Embed each crop in so many views and average.

    The result no longer depends on how the crop was turned (nor, with 8, mirrored). The cost is
    `views` times that of one embedding.

    Args:
        embed: uint8 (n, s, s, 3) to float32 (n, d), the network or its engine.
        crops: uint8 (n, s, s, 3).
        views: one of `VIEWS`; 1 is `embed` itself.

    Returns:
        float32 (n, d).

    Raises:
        ValueError: there is no such set of views.
    """
    if views not in VIEWS:
        raise ValueError(f"views must be one of {', '.join(map(str, VIEWS))}")
    total = embed(crops)
    if views == 1:
        return total
    for index in range(1, views):
        total = total + embed(augmented_view(crops, index))
    return np.asarray(total / np.float32(views), dtype=np.float32)
