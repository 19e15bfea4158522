"""The replay memory: what a model was taught, kept as embeddings, so that learning does not forget.

One file beside the weights, `replay.safetensors`: embeddings of training cells with the label of
each and the domain it came from, as many of every class of every domain as there is room for. No
crop is kept. Who adapts a head to a site trains on these cells beside the new ones. To classify,
nobody needs it: a folder without it predicts as well, and only `load_replay` refuses it.

    replay = load_replay(folder, read_card(folder))
    target = leaf_mask(replay.label_names)

The embeddings belong to a backbone, not to a head: they stay valid when a head is refitted.
`model.training.replay_crops` chooses and embeds the cells.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.artifacts.array_files import read_arrays, write_arrays
from model.artifacts.card import ModelFileError, verify_files
from model.data.domains import DOMAINS
from model.inference.engines import WEIGHTS_OF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

EVALUATION_EVERY: Final = 4  # one cell in so many never trains a candidate
REPLAY_FILE: Final = "replay.safetensors"
BACKBONE_FILE: Final = WEIGHTS_OF["torch"]  # names the backbone; its ONNX form agrees with it
MAX_REPLAY_BYTES: Final = 6_000_000
FORMAT: Final = 1
HOLDS: Final = (
    "Embeddings of training crops with class and domain, no images: a memory for adapting the head "
    "to a site without forgetting. Classifying does not read it. Each embedding comes from a crop "
    "of the domain named here, under that domain's licence (see data and rights)."
)


@dataclass(frozen=True)
class Replay:
    """Embeddings of training cells.

    Attributes:
        embedding: float16 (n, d): half the room, for a difference far below that of two crops.
        label: uint8 (n,), rows of `labels`.
        domain: uint8 (n,), rows of `domains`.
        labels: names of leaves or parents, as the domains label them.
        domains: keys of `model.data.domains.DOMAINS`.
    """

    embedding: NDArray[np.float16]
    label: NDArray[np.uint8]
    domain: NDArray[np.uint8]
    labels: tuple[str, ...]
    domains: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            ValueError: they do not, or an embedding is not finite.
        """
        rows = (self.label.shape, self.domain.shape, self.embedding.shape[:1])
        if self.embedding.ndim != 2 or len(set(rows)) > 1:
            raise ValueError("embeddings, labels and domains of the replay memory differ in number")
        if (self.label >= len(self.labels)).any() or (self.domain >= len(self.domains)).any():
            raise ValueError("the replay memory names classes or domains that it does not list")
        if not np.isfinite(self.embedding).all():
            raise ValueError("the replay memory holds embeddings that are no numbers")

    @property
    def label_names(self) -> tuple[str, ...]:
        """The label of each cell: n names."""
        return tuple(self.labels[row] for row in self.label)

    @property
    def domain_names(self) -> tuple[str, ...]:
        """The domain of each cell: n names."""
        return tuple(self.domains[row] for row in self.domain)

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the cells per domain and label, both in order of name."""
        counts: dict[str, dict[str, int]] = {}
        pairs = Counter(zip(self.domain_names, self.label_names, strict=True))
        for (domain, label), n in sorted(pairs.items()):
            counts.setdefault(domain, {})[label] = n
        return counts

    def rows(self, chosen: NDArray[np.bool_]) -> Replay:
        """Return the cells chosen by bool (n,); labels and domains keep their numbers."""
        return Replay(
            self.embedding[chosen],
            self.label[chosen],
            self.domain[chosen],
            self.labels,
            self.domains,
        )

    def save(self, path: Path, *, backbone_sha256: str) -> None:
        """Write the memory, whole or not at all.

        Args:
            path: of the file.
            backbone_sha256: hex, of the file of the backbone that made the embeddings.

        Raises:
            ValueError: it takes more than `MAX_REPLAY_BYTES`.
        """
        arrays: dict[str, NDArray[Any]] = {
            "embedding": self.embedding,
            "label": self.label,
            "domain": self.domain,
        }
        if sum(array.nbytes for array in arrays.values()) > MAX_REPLAY_BYTES:
            raise ValueError(f"{len(self.label)} cells are too many for a replay memory to ship")
        notes = {
            "format": FORMAT,
            "labels": self.labels,
            "domains": self.domains,
            "backbone_sha256": backbone_sha256,
        }
        write_arrays(path, arrays, notes=notes)

    @classmethod
    def load(cls, path: Path, *, backbone_sha256: str) -> Replay:
        """Read what `save` wrote.

        Args:
            path: of the file.
            backbone_sha256: hex, of the file of the backbone in use.

        Raises:
            ModelFileError: it is missing, damaged, of another format or of another backbone.
        """
        try:
            return read_replay(path, backbone_sha256=backbone_sha256)
        except KeyError as error:
            raise ModelFileError(f"{path} is no replay memory: it lacks {error}") from error
        except (OSError, ValueError) as error:
            raise ModelFileError(f"{path} cannot be used: {error}") from error


def read_replay(path: Path, *, backbone_sha256: str) -> Replay:
    """Read a memory, with the errors as they come.

    Raises:
        OSError: the file cannot be read.
        KeyError, ValueError: it is no memory of this backbone.
    """
    arrays, notes = read_arrays(path)
    if notes["format"] != FORMAT:
        raise ValueError(f"it is of format {notes['format']}, not {FORMAT}")
    if notes["backbone_sha256"] != backbone_sha256:
        raise ValueError("it belongs to another model")
    return Replay(
        embedding=arrays["embedding"].astype(np.float16, copy=False),
        label=arrays["label"].astype(np.uint8, copy=False),
        domain=arrays["domain"].astype(np.uint8, copy=False),
        labels=tuple(notes["labels"]),
        domains=tuple(notes["domains"]),
    )


def make_replay(
    embedding: NDArray[np.float32], labels: Sequence[str], domains: Sequence[str]
) -> Replay:
    """Make a memory of chosen cells.

    Args:
        embedding: float32 (n, d), finite and within ±65504.
        labels: n names of leaves or parents.
        domains: n names.

    Raises:
        ValueError: the parts do not fit together, or an embedding does not fit into float16.
    """
    label_names, label = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    domain_names, domain = np.unique(np.asarray(domains, dtype=str), return_inverse=True)
    with np.errstate(over="ignore"):  # what overflows is refused as no number
        half = embedding.astype(np.float16)
    return Replay(
        embedding=half,
        label=label.astype(np.uint8),
        domain=domain.astype(np.uint8),
        labels=tuple(label_names.tolist()),
        domains=tuple(domain_names.tolist()),
    )


def evaluation_part(replay: Replay) -> NDArray[np.bool_]:
    """Choose the quarter of a memory that no candidate trains on: there forgetting shows.

    Always the same cells of a memory: every fourth of each label of each domain, none where there
    are fewer than four.

    Returns:
        bool (n,).
    """
    chosen = np.zeros(len(replay.label), np.bool_)
    for kind in np.unique(np.column_stack([replay.domain, replay.label]), axis=0):
        rows = np.flatnonzero((replay.domain == kind[0]) & (replay.label == kind[1]))
        chosen[rows[EVALUATION_EVERY - 1 :: EVALUATION_EVERY]] = True
    return chosen


def load_replay(folder: Path, card: Mapping[str, Any]) -> Replay:
    """Read the replay memory of a model folder, checked against its card.

    Raises:
        ModelFileError: the folder has none, or it is damaged or another model's.
    """
    if REPLAY_FILE not in card["files"]:
        raise ModelFileError(f"{folder} has no {REPLAY_FILE}; it can classify but not be adapted")
    verify_files(folder, card, (REPLAY_FILE,))
    return Replay.load(folder / REPLAY_FILE, backbone_sha256=card["files"][BACKBONE_FILE])


def describe_replay(replay: Replay, *, size: int) -> dict[str, Any]:
    """Describe a memory for the card: cells per domain and class, size in bytes, rights."""
    return {
        "holds": HOLDS,
        "bytes": size,
        "cells": replay.counts(),
        "licences": {domain: DOMAINS[domain].licence for domain in replay.domains},
    }
