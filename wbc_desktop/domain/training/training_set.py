"""What a model learns from: which human labels, as which class, with what weight, in which group.

Three rules keep the judgement honest. A cell whose first label came by lot is *held out*: it never
trains, whatever it is called later. Cells of one *group* (``cell_groups``) never stand on both
sides of a split. ``unidentified`` never trains. To let one more mode of review count otherwise,
change ``WEIGHTS``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED, Taxonomy
from wbc_desktop.domain.training.cell_groups import CellSource, GroupLevel, group_cells

WEIGHTS: Mapping[ReviewMode, float] = {
    ReviewMode.SINGLE: 1.0,
    ReviewMode.QUEUE: 1.0,
    ReviewMode.DRAW: 1.0,
    ReviewMode.BULK: 0.5,  # accepted after a look at the group, not at the cell
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCell:
    """A cell with its human label.

    Attributes:
        cell_id: Row id.
        label: Class id, as it was given.
        mode: How the present label came about.
        patient: Row id.
        slide: Row id.
        site: Name, or the empty string.
        image_sha256: Digest of the crop, lower-case hex.
    """

    cell_id: int
    label: str
    mode: ReviewMode
    patient: int
    slide: int
    site: str
    image_sha256: str


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """How many labelled cells nothing is learned from, by reason.

    Attributes:
        undecided: Cells labelled ``unidentified``.
        unsupported: Cells of own classes that stand below no class of the model.
        copies: Cells with the same picture as a held-out one.
        surplus: Cells accepted in bulk beyond what one job takes.
    """

    undecided: int = 0
    unsupported: int = 0
    copies: int = 0
    surplus: int = 0

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return self != LeftOut()


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingSet:
    """The cells of a job, by ascending id.

    Attributes:
        cell_id: int64 (n,).
        labels: n ids of classes that the model knows, leaves or parents.
        weight: float64 (n,), in (0, 1].
        group: int64 (n,), 0, 1, 2 …
        sites: n names; the empty string where none is known.
        image_sha256: n digests, lower-case hex.
        holdout: bool (n,), the cells that never train.
        grouped_by: What the groups are.
        patients: Number of patients.
        left_out: What is not among them.
    """

    cell_id: NDArray[np.int64]
    labels: tuple[str, ...]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]
    sites: tuple[str, ...]
    image_sha256: tuple[str, ...]
    holdout: NDArray[np.bool_]
    grouped_by: GroupLevel
    patients: int
    left_out: LeftOut

    def __len__(self) -> int:
        """Return the number of cells, held-out ones included."""
        return len(self.cell_id)

    def counts(self, *, held_out: bool = False) -> dict[str, int]:
        """Return the number of cells of each class, of those that train or of those held out."""
        found: dict[str, int] = {}
        for label, held in zip(self.labels, self.holdout.tolist(), strict=True):
            if held == held_out:
                found[label] = found.get(label, 0) + 1
        return found

    def rows(self, chosen: NDArray[np.bool_]) -> "TrainingSet":
        """Return the cells chosen by bool (n,); groups keep their numbers."""
        rows = np.flatnonzero(chosen).tolist()
        return replace(
            self,
            cell_id=self.cell_id[chosen],
            labels=tuple(self.labels[row] for row in rows),
            weight=self.weight[chosen],
            group=self.group[chosen],
            sites=tuple(self.sites[row] for row in rows),
            image_sha256=tuple(self.image_sha256[row] for row in rows),
            holdout=self.holdout[chosen],
        )


def training_set(
    cells: Iterable[LabelledCell],
    taxonomy: Taxonomy,
    *,
    drawn: Mapping[int, str],
    at_most: int | None = None,
) -> TrainingSet:
    """Choose what a job learns from and is judged by.

    Args:
        cells: Every human-labelled cell of the sites concerned, each once.
        taxonomy: The classes of the workspace.
        drawn: Digest of the picture of each cell whose first label ever came by lot.
        at_most: Cells in all; those accepted in bulk give way, the commonest classes first.
    """
    given = sorted(cells, key=lambda cell: cell.cell_id)
    learnt = {label: learnt_as(label, taxonomy) for label in {cell.label for cell in given}}
    known = [(cell, learnt[cell.label]) for cell in given]
    undecided = sum(is_undecided(cell.label, taxonomy) for cell, name in known if name is None)
    usable = [(cell, name) for cell, name in known if name is not None]
    pictures = frozenset(drawn.values())
    kept = [
        (cell, name)
        for cell, name in usable
        if cell.cell_id in drawn or cell.image_sha256 not in pictures
    ]
    thinned = kept if at_most is None else _thinned(kept, drawn, at_most=at_most)
    chosen = [cell for cell, _ in thinned]
    holdout = np.array([cell.cell_id in drawn for cell in chosen], np.bool_)
    sources = [CellSource(cell.patient, cell.slide, cell.image_sha256) for cell in chosen]
    grouped_by, group = group_cells(sources, counted=~holdout)
    return TrainingSet(
        cell_id=np.array([cell.cell_id for cell in chosen], np.int64),
        labels=tuple(name for _, name in thinned),
        weight=np.array([WEIGHTS[cell.mode] for cell in chosen], np.float64),
        group=group,
        sites=tuple(cell.site for cell in chosen),
        image_sha256=tuple(cell.image_sha256 for cell in chosen),
        holdout=holdout,
        grouped_by=grouped_by,
        patients=len({cell.patient for cell in chosen}),
        left_out=LeftOut(
            undecided=undecided,
            unsupported=len(known) - len(usable) - undecided,
            copies=len(usable) - len(kept),
            surplus=len(kept) - len(thinned),
        ),
    )


def learnt_as(label: str, taxonomy: Taxonomy) -> str | None:
    """Return the class of the model that a human label teaches, or None if it teaches none.

    A class of the workspace teaches the nearest class above it that the model knows. Where leaves
    are merged that together are one class of the model, their label teaches that class: after the
    merger nobody says which of the leaves a cell is.

    Args:
        label: Class id, as it was given.
        taxonomy: The classes of the workspace.
    """
    counted_as, root = taxonomy.counted_as, taxonomy.root
    target = counted_as.get(label)
    if target is None or UNIDENTIFIED in (label, target):
        return None
    merged = {leaf for leaf in root.leaves if counted_as[leaf] == target}
    for parent in root.parents():
        if len(merged) > 1 and merged == {*root.leaves_of(parent)}:
            return parent
    known = {*root.leaves, *root.parents()}
    for start in (target, label):
        above: str | None = start
        while above is not None and above not in known:
            parent_id = taxonomy.by_id[above].parent
            above = None if parent_id is None else counted_as[parent_id]
        if above is not None:
            return above
    return None


def is_undecided(label: str, taxonomy: Taxonomy) -> bool:
    """Tell whether a human label says that nobody knows what the cell is."""
    return UNIDENTIFIED in (label, taxonomy.counted_as.get(label))


def _thinned(
    cells: Sequence[tuple[LabelledCell, str]], drawn: Mapping[int, str], *, at_most: int
) -> list[tuple[LabelledCell, str]]:
    """Leave out cells until there are so many: of the commonest class first, bulk before others."""
    if len(cells) <= at_most:
        return [*cells]
    rank: dict[tuple[str, bool], int] = {}
    order: list[tuple[bool, bool, int, int]] = []
    for row, (cell, name) in enumerate(cells):
        bulk = cell.mode is ReviewMode.BULK
        place = rank[name, bulk] = rank.get((name, bulk), 0) + 1
        order.append((cell.cell_id not in drawn, bulk, place, row))
    rows = sorted(row for *_, row in sorted(order)[:at_most])
    return [cells[row] for row in rows]
