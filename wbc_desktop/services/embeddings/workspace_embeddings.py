"""What the network saw of the cells of a workspace: which cells have it, and which look alike.

All of it may run in a worker. Only embeddings of one backbone are used, as a rule the active
model's, for those of two cannot be compared; a model whose head alone was adapted has the shipped
one's. How they come to be stored: ``embedding_fill``.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.embeddings.similarity import Similarity
from wbc_desktop.services.models.registry import base_ref, embedding_sha256
from wbc_desktop.store.embeddings import EmbeddingBatch, EmbeddingStore, crop_keys
from wbc_desktop.store.workspace import Workspace

NEAREST = 8
_CELLS_AT_ONCE = 32_768


def shipped_model_sha256() -> str:
    """Return the digest of the shipped model; the network itself is not loaded.

    Raises:
        UserError: If the model is missing or its card damaged.
    """
    return base_ref().sha256


class WorkspaceEmbeddings:
    """The embeddings of a workspace. Safe from any thread.

    Args:
        workspace: The open workspace; only read.
        model_sha256: Whose embeddings; those of the active model's backbone if left out.

    Raises:
        UserError: If no model is named and the active one is missing or damaged.
    """

    def __init__(self, workspace: Workspace, *, model_sha256: str | None = None) -> None:
        self._workspace = workspace
        self._store = EmbeddingStore(workspace.folder, model_sha256 or embedding_sha256(workspace))
        self._lock = threading.Lock()
        self._batches: dict[str, EmbeddingBatch] = {}
        self._damaged: dict[str, str] = {}
        self._cell_ids: NDArray[np.int64] = np.empty(0, np.int64)
        self._crop_keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._similarity = Similarity(np.empty(0, np.int64), np.empty((0, 0), np.float16))

    @property
    def store(self) -> EmbeddingStore:
        """Where they are kept."""
        return self._store

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is wrong with files that were found damaged, in the user's words."""
        return tuple(self._damaged.values())

    def similarity(self) -> Similarity:
        """Return the embeddings of all cells that have one, as far as they are stored now."""
        with self._lock:
            names = self._store.names()
            # Both, always: cells that come make embeddings count that were stored before them.
            # Without any embedding there is nothing to hold a million cells against.
            came = self._read(names)
            if (bool(self._batches) and self._update_cells()) or came:
                self._similarity = _joined(
                    [self._of_present_crops(self._batches[n]) for n in names if n in self._batches]
                )
            return self._similarity

    def missing(self, cell_ids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of some cells that have no embedding, int64 (m,), in the order given."""
        ids = cell_ids if isinstance(cell_ids, np.ndarray) else np.array([*cell_ids], np.int64)
        return ids[self.similarity().rows_of(ids) < 0]

    def rows(self, cell_ids: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return the whole embeddings of cells, float16 (n, d), in the order given.

        Args:
            cell_ids: int64 (n,), of which ``missing`` names none.

        Raises:
            KeyError: If a cell has none.
        """
        self.similarity()
        with self._lock:
            names = [name for name in self._store.names() if name in self._batches]
            batches = [
                *_same_width([self._of_present_crops(self._batches[name]) for name in names])
            ]
        found = np.zeros(len(cell_ids), np.bool_)
        width = batches[-1].embedding.shape[1] if batches else 0
        result = np.zeros((len(cell_ids), width), np.float16)
        for batch in batches:  # the later one counts
            order = np.argsort(batch.cell_ids, kind="stable")
            place = np.searchsorted(batch.cell_ids, cell_ids, side="right", sorter=order) - 1
            there = place >= 0
            there[there] = batch.cell_ids[order[place[there]]] == cell_ids[there]
            result[there] = batch.embedding[order[place[there]]]
            found |= there
        if not found.all():
            raise KeyError(int(cell_ids[~found][0]))
        return result

    def nearest_labelled(self, cell_id: int, k: int = NEAREST) -> list[tuple[int, float]]:
        """Return the cells most alike to one among those that a person gave a class.

        Args:
            cell_id: The cell looked at; never among the answers.
            k: How many at the most.

        Returns:
            Cell id and similarity in [−1, 1], the most alike first; equals in the order of their
            ids. Empty where the cell has no embedding, or no labelled cell has one.
        """
        similarity = self.similarity()
        alike = similarity.to(cell_id)
        if alike is None:
            return []
        rows = similarity.rows_of(self._workspace.catalogue.reviews.classed_by_people())
        rows = rows[rows >= 0]
        rows = rows[similarity.cell_ids[rows] != cell_id]
        best = rows[np.argsort(-alike[rows], kind="stable")[:k]]
        return [(int(similarity.cell_ids[row]), float(alike[row])) for row in best]

    def drop_damaged(self) -> None:
        """Delete the files found damaged, so that their cells count as missing and no more.

        Raises:
            UserError: If one cannot be deleted.
        """
        with self._lock:
            self._store.remove([*self._damaged])
            self._damaged.clear()

    def _update_cells(self) -> bool:
        """Read the crop keys of the cells that came since; return whether any did."""
        known = len(self._cell_ids)
        catalogue = self._workspace.catalogue
        ids, keys = [self._cell_ids], [self._crop_keys]
        # A part at a time: a million rows at once would be hundreds of megabytes for a moment.
        while came := catalogue.cells.crop_refs_after(
            int(ids[-1][-1]) if len(ids[-1]) else 0, at_most=_CELLS_AT_ONCE
        ):
            ids.append(np.array([ref.cell_id for ref in came], np.int64))
            keys.append(
                crop_keys([ref.image_sha256 for ref in came], [ref.um_per_px for ref in came])
            )
        self._cell_ids, self._crop_keys = np.concatenate(ids), np.concatenate(keys)
        return len(self._cell_ids) > known

    def _of_present_crops(self, batch: EmbeddingBatch) -> EmbeddingBatch:
        """Return what of a batch was seen of cells that there are, not of crops long gone."""
        rows = np.searchsorted(self._cell_ids, batch.cell_ids)
        fits = rows < len(self._cell_ids)
        rows = rows[fits]
        fits[fits] = (self._cell_ids[rows] == batch.cell_ids[fits]) & (
            self._crop_keys[rows] == batch.crop_keys[fits]
        )
        if fits.all():
            return batch
        return EmbeddingBatch(
            batch.cell_ids[fits],
            batch.crop_keys[fits],
            embedding=batch.embedding[fits],
            reduced=batch.reduced[fits],
        )

    def _read(self, names: Sequence[str]) -> bool:
        """Read the files that are new; return whether anything is other than before."""
        changed = False
        for gone in self._batches.keys() - {*names}:
            del self._batches[gone]
            changed = True
        for name in names:
            if name in self._batches or name in self._damaged:
                continue
            changed = True
            try:
                self._batches[name] = self._store.read(name)
            except UserError as error:
                self._damaged[name] = str(error)
        return changed


def _joined(batches: Sequence[EmbeddingBatch]) -> Similarity:
    """Put batches together; of a cell that stands in several the last one counts."""
    fitting = [*_same_width(batches)]
    if not fitting:
        return Similarity(np.empty(0, np.int64), np.empty((0, 0), np.float16))
    ids = np.concatenate([batch.cell_ids for batch in fitting])
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    last = np.ones(len(ids), np.bool_)
    last[:-1] = ids[1:] != ids[:-1]
    reduced = np.concatenate([batch.reduced for batch in fitting])
    return Similarity(ids[last], reduced[order[last]])


def _same_width(batches: Sequence[EmbeddingBatch]) -> Iterator[EmbeddingBatch]:
    """Yield the batches as wide as the last one; others cannot be compared with it."""
    for batch in batches:
        if batch.reduced.shape[1] == batches[-1].reduced.shape[1]:
            yield batch
