"""What a job gets to see of its cells, as arrays: the layout of ``cells.safetensors``.

Embeddings are those of the shipped model, from the store; what is missing there is computed first
and kept. The names of the arrays are read by ``model/jobs/job_cells.py``.
"""

from collections.abc import Generator, Iterable

import numpy as np
from numpy.typing import NDArray

from model.inference.predictor import Predictor, preprocess
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.training_set import TrainingSet
from wbc_desktop.services.embeddings.embedding_fill import FillStep, fill
from wbc_desktop.services.embeddings.workspace_embeddings import Embeddings
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.workspace import Workspace

_STEP = 64  # crops between two reports


class TrainingArrays:
    """Gathers the arrays of a job. In a worker.

    Attributes:
        cells: The cells whose crops can be read.
        arrays: By name, each with a row for each cell.
        notes: Names of labels and sites, digests of the pictures.

    Args:
        workspace: The open workspace; no label is touched.
        cells: What the job takes.
        embeddings: Of the shipped model, with every cell that has a readable crop.
        seen: bool (n,), the cells that the champion has learnt from.

    Raises:
        UserError: If no crop of a cell that trains can be read.
    """

    def __init__(
        self,
        workspace: Workspace,
        cells: TrainingSet,
        embeddings: Embeddings,
        *,
        seen: NDArray[np.bool_],
    ) -> None:
        readable = ~np.isin(cells.cell_id, embeddings.missing(cells.cell_id))
        if not (readable & ~cells.holdout).any():
            raise UserError(
                "There is too little to learn from",
                "no crop of a labelled cell can be read",
                "Restore crops.db from a backup.",
            )
        self.cells = cells = cells.rows(readable)
        self._workspace = workspace
        labels, sites = (list(dict.fromkeys(names)) for names in (cells.labels, cells.sites))
        self.arrays: dict[str, NDArray[np.generic]] = {
            "cell_id": cells.cell_id,
            "label": _places(cells.labels, labels),
            "weight": cells.weight,
            "group": cells.group,
            "site": _places(cells.sites, sites),
            "holdout": cells.holdout.astype(np.uint8),
            "seen_by_champion": seen[readable].astype(np.uint8),
            "embedding": embeddings.rows(cells.cell_id),
        }
        self.notes: dict[str, list[str]] = {
            "labels": labels,
            "sites": sites,
            "image_sha256": list(cells.image_sha256),
        }

    def add_champion_embedding(self, embeddings: Embeddings) -> None:
        """Add what a champion with a backbone of its own saw of the cells.

        Args:
            embeddings: Of the champion, with every cell.
        """
        self.arrays["champion_embedding"] = embeddings.rows(self.cells.cell_id)

    def add_crops(self) -> Generator[tuple[int, int]]:
        """Add the pictures as the network sees them, uint8 (n, 128, 128, 3).

        Yields:
            How many are ready, and how many there are.

        Raises:
            UserError: If one cannot be read.
        """
        refs = self._workspace.reader().crop_refs(self.cells.cell_id.tolist())
        pictures: list[NDArray[np.uint8]] = []
        for done, ref in enumerate(refs, start=1):
            encoded = self._workspace.crops.encoded(ref.image_sha256)
            crop = decode(encoded, name=ref.image_sha256)
            pictures.append(preprocess(crop, ref.um_per_px)[0])
            if done % _STEP == 0 or done == len(refs):
                yield done, len(refs)
        self.arrays["crops"] = np.stack(pictures)


def filled(
    workspace: Workspace, embeddings: Embeddings, predictor: Predictor, cells: TrainingSet
) -> Generator[FillStep]:
    """Compute and keep the embeddings that are missing; a crop that cannot be read stays without.

    Raises:
        UserError: If they cannot be stored.
    """
    missing = embeddings.missing(cells.cell_id)
    if len(missing):
        yield from fill(workspace, predictor, embeddings, missing)


def _places(names: Iterable[str], known: list[str]) -> NDArray[np.int64]:
    row = {name: place for place, name in enumerate(known)}
    return np.array([row[name] for name in names], np.int64)
