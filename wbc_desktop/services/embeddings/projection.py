"""The map of cells: their embeddings laid out in two dimensions, alike cells near one another.

``overview`` is there at once: the two principal directions. ``layout`` then draws groups apart: it
ties each cell to those most alike, pulls tied cells together and pushes cells drawn by lot apart
(the forces of UMAP, McInnes and others 2018), from the overview onwards. Beyond ``LANDMARKS``
cells this is done for as many cells chosen by lot, and every other cell is put where the chosen
ones most alike lie: so 100,000 cells take seconds. The lot has a fixed seed, so the same cells
always give the same map. Why so: docs/adr/0009-embeddings.md.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.services.embeddings.similarity import Similarity

LANDMARKS = 4000
NEIGHBOURS = 15
_EPOCHS = 150
_EPOCHS_PER_STEP = 15  # epochs between two yields
_NEGATIVE_SAMPLES = 4  # cells drawn by lot to be pushed apart, for each tie
_A, _B = 1.577, 0.895  # of the curve 1 / (1 + a d^2b): ties end at a distance of about 0.1
_SHARE_OF_LANDMARKS = 0.6  # of the work, where not every cell is a landmark
_LARGEST_STEP = 4.0
_GRAVITY = 0.15
_INITIAL_RANGE = 10.0  # of the overview at the start, in the layout's own unit
_CHUNK = 4096
_INTERPOLATED_FROM = 4  # landmarks that place another cell
_INTERPOLATION_SHARPNESS = 30.0  # of the weights, by similarity
_SEED = 20_231


@dataclass(frozen=True, eq=False)
class MapStep:
    """A layout on its way.

    Attributes:
        positions: float32 (n, 2), one row for each cell of the similarity, within −1 … 1.
        done: Share of the work that is done, in [0, 1].
    """

    positions: NDArray[np.float32]
    done: float


def overview(similarity: Similarity) -> NDArray[np.float32]:
    """Return the two principal directions, float32 (n, 2) within −1 … 1."""
    n, p = similarity.reduced.shape
    if n < 2 or not p:
        return np.zeros((n, 2), np.float32)
    total, square = np.zeros(p), np.zeros((p, p))
    for part in _chunks(n):
        rows = similarity.unit_rows(part)
        total += rows.sum(axis=0)
        square += rows.T @ rows
    covariance = square / n - np.outer(total, total) / n**2
    _, vectors = np.linalg.eigh(covariance)
    axes = vectors[:, ::-1][:, :2]
    # An eigenvector may point either way: the larger component decides, the same every time.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    positions = np.zeros((n, 2), np.float32)
    for part in _chunks(n):
        positions[part, : axes.shape[1]] = similarity.unit_rows(part) @ axes.astype(np.float32)
    return _normalised(positions)


def layout(
    similarity: Similarity, start: NDArray[np.float32], *, landmarks: int = LANDMARKS
) -> Generator[MapStep]:
    """Draw the overview's groups apart; each step is a whole map, the last one is the result.

    A map with landmarks stays the overview until then, with one step after the other all the same:
    between two steps the caller can stop.

    Args:
        similarity: n cells.
        start: float32 (n, 2), the overview.
        landmarks: How many cells are laid out among themselves at the most.
    """
    n = len(similarity)
    if n <= NEIGHBOURS:
        yield MapStep(start, 1.0)
        return
    chosen = np.arange(n)
    if n > landmarks:
        chosen = np.sort(np.random.default_rng(_SEED).permutation(n)[:landmarks])
    rows = similarity.unit_rows(chosen)
    positions = start[chosen].astype(np.float64) * _INITIAL_RANGE
    every = n == len(chosen)
    for epoch, _ in enumerate(_optimised(positions, _neighbour_graph(rows)), start=1):
        if epoch % _EPOCHS_PER_STEP == 0 and epoch < _EPOCHS:
            share = epoch / _EPOCHS * (1.0 if every else _SHARE_OF_LANDMARKS)
            yield MapStep(_normalised(positions) if every else start, share)
    if not every:
        result = np.empty((n, 2))
        for done in _interpolated(similarity, rows, positions, result):
            yield MapStep(start, _SHARE_OF_LANDMARKS + (1 - _SHARE_OF_LANDMARKS) * done * 0.99)
        result[chosen] = positions
        positions = result
    yield MapStep(_normalised(positions), 1.0)


@dataclass(frozen=True, eq=False)
class _Edges:
    """Which cells are tied: from, to, and how strongly, in (0, 1]."""

    head: NDArray[np.int64]
    tail: NDArray[np.int64]
    weight: NDArray[np.float64]


def _neighbour_graph(rows: NDArray[np.float32]) -> _Edges:
    """Tie each cell to those most alike, as strongly as they are near in its own surroundings."""
    from scipy.sparse import coo_matrix

    n = len(rows)
    near = np.empty((n, NEIGHBOURS), np.int64)
    far = np.empty((n, NEIGHBOURS), np.float64)
    for part in _chunks(n):
        alike = rows[part] @ rows.T
        alike[np.arange(len(alike)), np.arange(n)[part]] = -np.inf
        found = np.argpartition(-alike, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        near[part] = found
        far[part] = 1.0 - np.take_along_axis(alike, found, axis=1)
    far -= far.min(axis=1, keepdims=True)  # the nearest one is tied fully, however far it is
    weight = np.exp(-far / np.maximum(_bandwidth(far), 1e-9))
    index = np.repeat(np.arange(n), NEIGHBOURS), near.ravel()
    one_way = coo_matrix((weight.ravel(), index), shape=(n, n)).tocsr()
    other_way = one_way.T.tocsr()
    both = (one_way + other_way - one_way.multiply(other_way)).tocoo()
    return _Edges(both.row.astype(np.int64), both.col.astype(np.int64), both.data)


def _bandwidth(far: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row the scale at which its ties weigh log2 of their number, (n, 1)."""
    low = np.zeros((len(far), 1))
    high = np.full((len(far), 1), 4.0)  # twice the greatest distance between unit vectors
    wanted = np.log2(far.shape[1])
    for _ in range(32):
        middle = (low + high) / 2
        too_much = np.exp(-far / np.maximum(middle, 1e-12)).sum(axis=1, keepdims=True) > wanted
        high = np.where(too_much, middle, high)
        low = np.where(too_much, low, middle)
    return np.asarray((low + high) / 2, np.float64)


def _optimised(positions: NDArray[np.float64], ties: _Edges) -> Generator[None]:
    """Move positions, float64 (n, 2), in place; yield after each epoch."""
    rng = np.random.default_rng(_SEED)
    n = len(positions)
    for epoch in range(_EPOCHS):
        drawn = rng.random(len(ties.head)) < ties.weight
        head, tail = ties.head[drawn], ties.tail[drawn]
        apart = positions[head] - positions[tail]
        square = np.einsum("ij,ij->i", apart, apart) + 1e-9
        pull = -2 * _A * _B * square ** (_B - 1) / (1 + _A * square**_B)
        step = _clipped(apart * pull[:, None])
        move = _sum_by_row(head, step, n) - _sum_by_row(tail, step, n)
        one = np.repeat(head, _NEGATIVE_SAMPLES)
        apart = positions[one] - positions[rng.integers(0, n, len(one))]
        square = np.einsum("ij,ij->i", apart, apart)
        push = 2 * _B / ((0.001 + square) * (1 + _A * square**_B))
        move += _sum_by_row(one, _clipped(apart * push[:, None]), n)
        move -= _GRAVITY * positions  # keeps a group far from all others on the same map
        # All cells move at once, so a cell with many ties must not overshoot.
        positions += _clipped(move * (0.25 * (1 - epoch / _EPOCHS)))
        yield


def _clipped(step: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)


def _sum_by_row(rows: NDArray[np.int64], step: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Sum steps, (m, 2), by row, (n, 2)."""
    return np.stack([np.bincount(rows, step[:, i], minlength=n) for i in (0, 1)], axis=1)


def _interpolated(
    similarity: Similarity,
    rows: NDArray[np.float32],
    positions: NDArray[np.float64],
    result: NDArray[np.float64],
) -> Generator[float]:
    """Put every cell where the landmarks most alike lie, into float64 (n, 2); yield the share."""
    n = len(similarity)
    for part in _chunks(n):
        alike = similarity.unit_rows(part) @ rows.T
        line = np.arange(len(alike))
        best = alike.max(axis=1)
        total, weights = np.zeros((len(alike), 2)), np.zeros(len(alike))
        for _ in range(_INTERPOLATED_FROM):
            guide = alike.argmax(axis=1)
            weight = np.exp(_INTERPOLATION_SHARPNESS * (alike[line, guide] - best))
            total += positions[guide] * weight[:, None]
            weights += weight
            alike[line, guide] = -np.inf
        result[part] = total / weights[:, None]
        yield part.stop / n


def _chunks(n: int) -> Generator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, min(start + _CHUNK, n))


def _normalised(positions: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return positions centred and scaled alike in both directions to −1 … 1, float32 (n, 2)."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-12)
    return np.asarray((positions - (low + high) / 2) / half, np.float32)
