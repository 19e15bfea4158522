"""Reference cells: what a reader has chosen as a good example of a class."""

from collections.abc import Sequence
from dataclasses import dataclass

from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED, Taxonomy


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One cell's place in the reference library of a workspace.

    Attributes:
        label: Class id it is an example of: its label when it was added.
        reader: Who added it.
        at: UTC time.
    """

    label: str
    reader: str
    at: str


def classes_by_likelihood(
    label: str | None, probs: Sequence[float] | None, taxonomy: Taxonomy
) -> tuple[str, ...]:
    """Return the classes to compare a cell with, the likeliest first.

    First its own class, then what the model finds likely, then the rest in the order of the
    taxonomy, as far as they are offered. ``unidentified`` is left out: nothing is an example of it.

    Args:
        label: The class that counts for the cell, or None.
        probs: Probability of each leaf, or None where the model has not seen the cell.
        taxonomy: The classes.
    """
    leaves = list(taxonomy.leaves)
    if probs is not None:
        likely = dict(zip(taxonomy.leaves, probs, strict=True))
        leaves.sort(key=lambda leaf: -likely[leaf])
    own = [taxonomy.counted_as[label]] if label is not None and label in taxonomy.by_id else []
    offered = {c.id: None for c in taxonomy.offered}
    ordered = dict.fromkeys([*own, *(leaf for leaf in leaves if leaf in offered), *offered])
    ordered.pop(UNIDENTIFIED, None)
    return tuple(ordered)
