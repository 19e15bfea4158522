"""PairedCells cells for tests: what each model calls each cell, in one line."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.training.paired_evaluation import PairedCells

LEAVES = taxonomy_v1().leaves
LABELS = ("lymphocyte", "monocyte", "neutrophil", "eosinophil")
SAID = ("lymphocyte", "monocyte", "neutrophil_segmented", "eosinophil")
"""The leaf that stands for each label."""


def probs(leaves: Sequence[str], *, sure: float = 0.9) -> NDArray[np.float32]:
    """Probabilities that give each cell its leaf."""
    table = np.full((len(leaves), len(LEAVES)), (1 - sure) / (len(LEAVES) - 1), np.float32)
    for row, leaf in enumerate(leaves):
        table[row, LEAVES.index(leaf)] = sure
    return table


def judged(
    label: Sequence[int],
    old: Sequence[int],
    new: Sequence[int],
    *,
    group: Sequence[int] | None = None,
    site: Sequence[int] | None = None,
    sites: tuple[str, ...] = ("Ward 3", "Ward 4"),
    sure: tuple[float, float] = (0.9, 0.9),
) -> PairedCells:
    """Cells with their labels and what both models call them, as rows of LABELS."""
    n = len(label)
    return PairedCells(
        labels=LABELS,
        classes=LEAVES,
        sites=sites,
        label=np.array(label, np.int64),
        site=np.array(site if site is not None else [0] * n, np.int64),
        group=np.array(group if group is not None else [i % 6 for i in range(n)], np.int64),
        old=probs([SAID[row] for row in old], sure=sure[0]),
        new=probs([SAID[row] for row in new], sure=sure[1]),
    )


def wrong_at(label: Sequence[int], cells: Sequence[int]) -> list[int]:
    """What a model says that is right but for some cells, which it calls by the next label."""
    return [(row + 1) % len(LABELS) if i in set(cells) else row for i, row in enumerate(label)]
