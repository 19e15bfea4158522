"""A program for the tests of several processes: `python -m tests.unit.model.two_processes OUT`.

Fabric starts it once more for the second process. Each writes its end to OUT/<process>.pt.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from model.training.compute import ComputeConfig
from model.training.loop import initial_state, train_steps
from tests.unit.model.tiny_runs import noise_crops, small_config

ALIGNMENTS = ("none", "boda", "group_dro")


def train(alignment: str, fabric: Fabric) -> dict[str, Any]:
    """Train for a few steps: the losses, the gradients of the first step, the state at the end."""
    config, training = small_config(dropout=0.0, alignment=alignment), noise_crops()
    state = initial_state(training, config)
    losses: list[float] = []
    gradients: dict[str, torch.Tensor] = {}
    for loss in train_steps(state, config, training=training, fabric=fabric):
        if not losses:
            parameters = state.learner.named_parameters()
            gradients = {name: p.grad.clone() for name, p in parameters if p.grad is not None}
        losses.append(loss)
    return {"losses": losses, "gradients": gradients, "learner": state.learner.state_dict()}


def main(out: Path) -> None:
    """Train in two processes, once for each loss that remembers something, and once without."""
    fabric = ComputeConfig(devices=2).launch()
    torch.set_num_threads(1)
    runs = {alignment: train(alignment, fabric) for alignment in ALIGNMENTS}
    torch.save({"processes": fabric.world_size, **runs}, out / f"{fabric.global_rank}.pt")
    fabric.barrier()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
