"""Checkpoints: a run's state in one file, written whole or not at all."""

from __future__ import annotations

from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from pathlib import Path

    from model.training.loop import State


def save_checkpoint(state: State, path: Path) -> None:
    """Write the state, whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "learner": state.learner.state_dict(),
            "average": state.average.state_dict(),
            "averaging": state.averaging.to_checkpoint(),
            "optimiser": state.optimiser.state_dict(),
            "step": state.step,
        },
        partial,
    )
    partial.replace(path)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        stored: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise ValueError(f"{path} is damaged; delete it to start the run anew") from error
    return stored
