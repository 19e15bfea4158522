"""Every choice of the config trains; several processes train as one with all their batches."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from model.data.sampling_weights import sampling_weights_of
from model.training.compute import ComputeConfig
from model.training.config import CHOICES, TrainConfig
from model.training.criterion import TrainBatch
from model.training.loop import (
    TrainState,
    initial_state,
    learning_rate_factor,
    make_batches,
    take_step,
    train_steps,
)
from tests.unit.model.tiny_runs import noise_crops, small_config
from tests.unit.model.two_processes import ALIGNMENTS

PROCESSES_S = 240.0  # two processes import torch, fit a head and take a few steps
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="ends a process group by a signal")


def run(config: TrainConfig) -> tuple[TrainState, dict[str, torch.Tensor], list[float]]:
    """Train on noise: the state, the weights before, the losses."""
    training = noise_crops()
    state = initial_state(training, config)
    before = {name: value.clone() for name, value in state.learner.state_dict().items()}
    losses = list(train_steps(state, config, training=training, fabric=ComputeConfig().launch()))
    return state, before, losses


def moved(state: TrainState, before: dict[str, torch.Tensor]) -> set[str]:
    after = state.learner.state_dict()
    return {name for name, value in after.items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize(
    ("imbalance", "alignment"),
    [(name, "none") for name in CHOICES["imbalance"]]
    + [("none", name) for name in CHOICES["alignment"][1:]],
)
def test_every_loss_of_the_config_trains(imbalance: str, alignment: str) -> None:
    state, before, losses = run(small_config(imbalance=imbalance, alignment=alignment))
    assert state.step == len(losses) == 3
    assert np.isfinite(losses).all()
    changed = moved(state, before)
    assert {"network.head.weight", "network.backbone.net.conv_head.weight"} <= changed
    assert all(torch.isfinite(value).all() for value in state.learner.state_dict().values())
    assert not [name for name in changed if "running_" in name or "conv_stem" in name]


def test_a_further_loss_takes_the_network_elsewhere() -> None:
    plain, _, _ = run(small_config())
    head = plain.learner.network.head.weight
    for changes in ({"imbalance": "focal"}, {"alignment": "coral"}, {"augmentation": "none"}):
        other, _, _ = run(small_config(**changes))
        assert not torch.equal(other.learner.network.head.weight, head), changes


def test_batch_statistics_are_learned_where_the_config_says_so() -> None:
    state, before, _ = run(small_config(normalisation="batch"))
    name = "network.backbone.net.bn2.running_mean"
    assert name in moved(state, before)
    average = state.average.state_dict()[name.removeprefix("network.")]
    torch.testing.assert_close(average, state.learner.state_dict()[name])


def test_group_normalisation_takes_the_place_of_every_batch_statistic() -> None:
    state, before, losses = run(small_config(normalisation="group"))
    assert np.isfinite(losses).all()
    layers = list(state.learner.network.modules())
    assert not [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
    assert len([layer for layer in layers if isinstance(layer, nn.GroupNorm)]) > 40
    assert "network.backbone.net.bn2.0.weight" in moved(state, before)


def test_the_network_and_its_average_are_channels_last_and_so_is_what_they_read() -> None:
    state, _, _ = run(small_config())
    for network in (state.learner.network, state.average):
        filters = [p for p in network.parameters() if p.ndim == 4]
        assert all(p.is_contiguous(memory_format=torch.channels_last) for p in filters)
    crops = torch.zeros(2, 64, 64, 3, dtype=torch.uint8)
    _, features = state.average.backbone(crops)
    assert features.shape == (2, 1280, 2, 2)
    assert features.is_contiguous(memory_format=torch.channels_last)


def test_a_batch_follows_from_seed_step_and_process_alone() -> None:
    training, config = noise_crops(), small_config(twins=0.5)
    weights = sampling_weights_of(training, config)
    make = make_batches(training, weights, config)
    first = make(1, 0)
    assert first.crops.shape == (8, 64, 64, 3)
    make(7, 3)
    for part, again in zip(first, make_batches(training, weights, config)(1, 0), strict=True):
        assert torch.equal(part, again)
    assert not torch.equal(first.crops, make(1, 1).crops)
    assert not torch.equal(first.crops, make(2, 0).crops)
    assert set(first.domain.tolist()) <= {0, 1}


def test_the_rate_warms_up_and_ends_near_zero() -> None:
    config = TrainConfig(steps=100, warmup=10)
    rates = [learning_rate_factor(step, config) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.01


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each of two processes ends with; a session of their own lets a hang be ended whole."""
    out = tmp_path_factory.mktemp("processes")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.unit.model.two_processes", str(out)],
        cwd=Path(__file__).parents[4],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as program:
        try:
            said, _ = program.communicate(timeout=PROCESSES_S)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise
    assert program.returncode == 0, said
    return [torch.load(out / f"{process}.pt", weights_only=True) for process in range(2)]


@POSIX
@pytest.mark.slow
def test_two_processes_train_as_one_that_sees_both_batches(both: list[dict[str, Any]]) -> None:
    first, second = (process["none"] for process in both)
    assert both[0]["processes"] == both[1]["processes"] == 2
    assert first["losses"] != second["losses"]

    config, training = small_config(dropout=0.0), noise_crops()
    state, fabric = initial_state(training, config), ComputeConfig().launch()
    make = make_batches(training, sampling_weights_of(training, config), config)
    learner, optimiser = fabric.setup(state.learner, state.optimiser)

    def joined(step: int, _: int) -> TrainBatch:
        pairs = zip(make(step, 0), make(step, 1), strict=True)
        return TrainBatch(*(torch.cat(pair) for pair in pairs))

    loss = take_step(state, config, step_parts=(fabric, learner, optimiser), make_batch=joined)
    assert loss == pytest.approx((first["losses"][0] + second["losses"][0]) / 2, abs=1e-5)
    mine = {name: p.grad for name, p in state.learner.named_parameters() if p.grad is not None}
    assert set(mine) == set(first["gradients"])
    for name, gradient in mine.items():
        torch.testing.assert_close(first["gradients"][name], gradient, atol=1e-4, rtol=1e-3)


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_both_processes_end_with_the_same_weights_and_memory(
    alignment: str, both: list[dict[str, Any]]
) -> None:
    first, second = (process[alignment] for process in both)
    for name, tensor in first["learner"].items():
        assert torch.equal(tensor, second["learner"][name]), name
    if alignment == "group_dro":
        assert len(first["learner"]["criterion.group_weights"].unique()) == 2
    if alignment == "boda":
        alone, _, _ = run(small_config(dropout=0.0, alignment="boda"))
        own = alone.learner.criterion.centroids
        assert not torch.allclose(first["learner"]["criterion.centroids"], own, atol=1e-3)
