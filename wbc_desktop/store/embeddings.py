"""What the network saw of each cell: its embedding, kept in the workspace's ``embeddings`` folder.

Embeddings are a cache: every one can be computed again from the crop, so nothing here is part of
the audit log, and a file that is damaged is set aside and made anew. One folder holds those of one
model. It only ever gains whole files of some thousand cells each: a file is written under a
temporary name and renamed, so a crash loses at most the cells not yet written. Each file begins
with the ids of its cells and the digest of what follows, so that the folder needs no second list
that could disagree with it. Where a cell stands in two files, the later file counts.

Beside each id stands a key of what was seen, its crop and scale: where ``workspace.wbc`` alone
was restored from a backup, the next import gives ids that the files know already to other crops.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.atomic_write import atomic_file
from wbc_desktop.domain.errors import UserError

FOLDER = "embeddings"
_MAGIC = b"WBCEMB2\n"
_HEADER = np.dtype(
    [("magic", "S8"), ("cells", "<u4"), ("width", "<u4"), ("reduced", "<u4"), ("sha256", "V32")]
)
_SUFFIX = ".emb"
_NAME_LENGTH = 16  # of the model's digest


@dataclass(frozen=True, eq=False)
class EmbeddingBatch:
    """The embeddings of some cells, as one file holds them.

    Attributes:
        cell_ids: int64 (n,), in any order.
        crop_keys: uint64 (n,), of their crops and scales, as ``crop_keys`` returns them.
        embedding: float16 (n, d), of the network.
        reduced: float16 (n, p), the same in the few directions that tell cells apart.
    """

    cell_ids: NDArray[np.int64]
    crop_keys: NDArray[np.uint64]
    embedding: NDArray[np.float16]
    reduced: NDArray[np.float16]

    def __post_init__(self) -> None:
        """Refuse arrays of unequal length or another kind."""
        n = len(self.cell_ids)
        tables = (self.embedding, self.reduced)
        if self.cell_ids.dtype != np.int64 or self.cell_ids.shape != (n,):
            raise ValueError(f"cell ids: {self.cell_ids.dtype} {self.cell_ids.shape}")
        if self.crop_keys.dtype != np.uint64 or self.crop_keys.shape != (n,):
            raise ValueError(
                f"crop keys of {n} cells: {self.crop_keys.dtype} {self.crop_keys.shape}"
            )
        if any(t.dtype != np.float16 or t.ndim != 2 or len(t) != n for t in tables):
            raise ValueError(f"{n} cells, {[(t.dtype, t.shape) for t in tables]}")


def crop_keys(sha256: Sequence[str], um_per_px: Sequence[float | None]) -> NDArray[np.uint64]:
    """Return what tells crops apart as the network sees them, uint64 (n,).

    Args:
        sha256: Digest of each crop, lower-case hex.
        um_per_px: Scale of each, None where it is not known.
    """
    start = bytes.fromhex("".join(digest[:16] for digest in sha256))
    scale = np.array([np.nan if um is None else um for um in um_per_px], "<f8")
    return np.asarray(np.frombuffer(start, "<u8") ^ scale.view("<u8"), np.uint64)


class EmbeddingStore:
    """The embeddings of one model in one workspace. Safe from any thread and process.

    Args:
        workspace: Folder of the workspace.
        model_sha256: Digest of the model, lower-case hex.
    """

    def __init__(self, workspace: Path, model_sha256: str) -> None:
        self.folder = workspace / FOLDER / model_sha256[:_NAME_LENGTH]

    def names(self) -> tuple[str, ...]:
        """Return the names of the files there are, the oldest first; none if there is no folder."""
        return tuple(sorted(path.name for path in self.folder.glob(f"*{_SUFFIX}")))

    def add(self, batch: EmbeddingBatch) -> None:
        """Write the embeddings of some cells as one more file.

        Raises:
            UserError: If the disk is full or the folder cannot be written; nothing is left then.
        """
        if not len(batch.cell_ids):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(batch)
        except OSError as error:
            raise UserError(
                "The embeddings cannot be stored",
                f"{self.folder} ({error.strerror or error})",
                "Free some space, and check that you may write there. No label is touched.",
            ) from error

    def read(self, name: str) -> EmbeddingBatch:
        """Map one file into memory, after its digest was compared.

        Raises:
            UserError: If the file is damaged, cut short or cannot be read.
        """
        path = self.folder / name
        try:
            found = _mapped(path)
        except (OSError, ValueError) as error:
            raise UserError(
                "Stored embeddings are damaged",
                f"{path} ({error})",
                "Compute the embeddings again; no label is touched.",
            ) from error
        return found

    def remove(self, names: Sequence[str]) -> None:
        """Delete files, such as damaged ones whose cells are to be computed again.

        Raises:
            UserError: If one cannot be deleted.
        """
        for name in names:
            try:
                (self.folder / name).unlink(missing_ok=True)
            except OSError as error:
                raise UserError(
                    "Damaged embeddings cannot be deleted",
                    f"{self.folder / name} ({error.strerror or error})",
                    "Delete the file yourself and try again.",
                ) from error

    def _write(self, batch: EmbeddingBatch) -> None:
        last = max((int(name[:8]) for name in self.names() if name[:8].isdigit()), default=0)
        # The tail keeps apart what two processes write at the same moment.
        path = self.folder / f"{last + 1:08d}-{secrets.token_hex(4)}{_SUFFIX}"
        digest = hashlib.sha256()
        for part in _sections(batch):
            digest.update(part)
        with atomic_file(path) as file:
            file.write(_header(batch, digest.digest()))
            for part in _sections(batch):
                file.write(part)


def _sections(batch: EmbeddingBatch) -> Iterator[memoryview]:
    """Yield the bytes that follow the header: ids, crop keys, what is read most, then the rest."""
    yield np.ascontiguousarray(batch.cell_ids, "<i8").data.cast("B")
    yield np.ascontiguousarray(batch.crop_keys, "<u8").data.cast("B")
    for table in (batch.reduced, batch.embedding):
        if table.size:
            yield np.ascontiguousarray(table, "<f2").data.cast("B")


def _header(batch: EmbeddingBatch, digest: bytes) -> bytes:
    header = np.zeros(1, _HEADER)
    header["magic"] = _MAGIC
    header["cells"] = len(batch.cell_ids)
    header["width"] = batch.embedding.shape[1]
    header["reduced"] = batch.reduced.shape[1]
    header["sha256"] = np.frombuffer(digest, "V32")
    return header.tobytes()


def _mapped(path: Path) -> EmbeddingBatch:
    """Map a file; raise ValueError with the reason if it does not hold what its header says."""
    with path.open("rb") as file:
        raw = file.read(_HEADER.itemsize)
    # Compared as bytes: numpy drops what it takes for padding at the end of a string.
    if len(raw) < _HEADER.itemsize or raw[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it is no file of embeddings, or of another version of the program")
    header = np.frombuffer(raw, _HEADER)[0]
    n, d, p = (int(header[name]) for name in ("cells", "width", "reduced"))
    if path.stat().st_size != _HEADER.itemsize + n * (16 + 2 * p + 2 * d):
        raise ValueError("it has been cut short")
    whole = np.memmap(path, np.uint8, mode="r", offset=_HEADER.itemsize)
    if hashlib.sha256(whole.data).digest() != header["sha256"].tobytes():
        raise ValueError("its contents have changed")
    ids, keys, rest = whole[: 8 * n], whole[8 * n : 16 * n], whole[16 * n :]
    return EmbeddingBatch(
        np.asarray(ids.view("<i8")),
        np.asarray(keys.view("<u8")),
        embedding=rest[2 * n * p :].view("<f2").reshape(n, d),
        reduced=rest[: 2 * n * p].view("<f2").reshape(n, p),
    )
