"""Checkpoints of fine-tuning: how far a job has come, in one file with its own hash.

    line of JSON: format, job, sha256 of what follows
    the state, as torch saves tensors (read back as tensors and plain values only)

A file is put in place whole, after its bytes have reached the disk, so that a kill or a power cut
leaves the one before. One that was damaged since is refused, never guessed at.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Final

import torch

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT_FOLDER: Final = "checkpoint"
CHECKPOINT_FILE: Final = "state.pt"
FORMAT: Final = 1


class CheckpointError(ValueError):
    """A checkpoint cannot be used.

    Args:
        path: of its file.
        what: is wrong with it.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.detail = f"the checkpoint {path} {what}"
        self.advice = "Start the training anew; every label is still in the workspace."
        super().__init__(f"{self.detail}. {self.advice}")


def save_state(folder: Path, state: dict[str, Any], *, job: str) -> None:
    """Write a job's newest state, whole or not at all.

    Args:
        folder: of checkpoints; made if missing.
        state: tensors and plain values.
        job: digest of what the job is; a state is never taken over by another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getvalue()
    head = {"format": FORMAT, "job": job, "sha256": hashlib.sha256(payload).hexdigest()}
    partial = folder / f"{CHECKPOINT_FILE}.partial"
    with partial.open("wb") as file:
        file.write(json.dumps(head).encode() + b"\n" + payload)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / CHECKPOINT_FILE)


def load_state(folder: Path, *, job: str) -> dict[str, Any] | None:
    """Read the newest state; None where there is none yet.

    Raises:
        CheckpointError: it is damaged, or another job's.
    """
    path = folder / CHECKPOINT_FILE
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
    if owner != job or version != FORMAT:
        raise CheckpointError(path, "belongs to another training")
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(payload), weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise CheckpointError(path, "cannot be read") from error
    return state
