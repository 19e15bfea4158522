"""Checkpoints of training and fine-tuning: how far a run has come, in one file with its own hash.

    line of JSON: format, job, sha256 of what follows
    the state, as torch saves tensors (read back as tensors and plain values only)

A file is put in place whole, after its bytes have reached the disk, so that a kill or a power cut
leaves the one before. One that was damaged since is refused, never guessed at.
"""

from __future__ import annotations

import hashlib
import io
import json
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Final

import torch

from model.artifacts.array_files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = 1


class CheckpointError(ValueError):
    """A checkpoint cannot be used.

    Args:
        path: of its file.
        what: is wrong with it.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.detail = f"the checkpoint {path} {what}"
        super().__init__(f"{self.detail}; delete it to start the run anew")


def save_checkpoint(path: Path, state: dict[str, Any], *, run: str) -> None:
    """Write a run's newest state, whole or not at all.

    Args:
        path: of the file; its folder is made if missing.
        state: tensors and plain values.
        run: says whose state it is; it is never taken over by another run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getbuffer()
    head = {"format": FORMAT, "job": run, "sha256": hashlib.sha256(payload).hexdigest()}
    write_atomically(path, json.dumps(head).encode() + b"\n", payload)


def load_checkpoint(path: Path, *, run: str) -> dict[str, Any] | None:
    """Read the newest state; None where there is none yet.

    Raises:
        CheckpointError: it is damaged, or another run's.
    """
    if not path.exists():
        return None
    first, _, payload = path.read_bytes().partition(b"\n")
    try:
        head = json.loads(first)
        stated, owner, version = head["sha256"], head["job"], head["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(path, "is damaged") from error
    if hashlib.sha256(payload).hexdigest() != stated:
        raise CheckpointError(path, "is damaged")
    if owner != run or version != FORMAT:
        raise CheckpointError(path, "belongs to another training")
    try:
        state: dict[str, Any] = torch.load(
            io.BytesIO(payload), map_location="cpu", weights_only=True
        )
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise CheckpointError(path, "cannot be read") from error
    return state
