"""Deterministic runs agree in every bit, and leave torch as they found it."""

import os

import pytest
import torch
from torch import Tensor

from model.training.compute import CUBLAS, ComputeConfig, deterministic_mode
from model.training.loop import initial_state, train_steps
from tests.unit.model.tiny_runs import noise_crops, small_config


def flags() -> tuple[bool, bool, bool, bool, str | None]:
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        os.environ.get(CUBLAS),
    )


def run(*, alignment: str) -> tuple[dict[str, Tensor], list[float]]:
    config = small_config(
        deterministic=True, alignment=alignment, head="decoupled", averaging="swad"
    )
    training = noise_crops()
    state = initial_state(training, config)
    losses = []
    for loss in train_steps(state, config, training=training, fabric=ComputeConfig().launch()):
        assert not torch.are_deterministic_algorithms_enabled()
        losses.append(loss)
    return {**state.learner.state_dict(), **state.average.state_dict()}, losses


@pytest.mark.parametrize("alignment", ["none", "coral", "boda", "group_dro"])
def test_two_runs_end_with_the_same_bits(alignment: str) -> None:
    before = flags()
    first, losses = run(alignment=alignment)
    torch.manual_seed(99)
    second, again = run(alignment=alignment)
    assert losses == again
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name
    assert flags() == before


def fail_within() -> None:
    with deterministic_mode(enabled=True), deterministic_mode(enabled=True):
        assert flags() == (True, False, True, False, ":4096:8")
        torch.rand(3)
        raise RuntimeError("boom")


def test_flags_and_generator_are_put_back_after_an_error() -> None:
    before, generator = flags(), torch.get_rng_state()
    with pytest.raises(RuntimeError, match="boom"):
        fail_within()
    assert flags() == before
    assert torch.equal(torch.get_rng_state(), generator)


def test_an_operation_without_a_deterministic_form_is_refused() -> None:
    values = torch.zeros(4)
    with (
        deterministic_mode(enabled=True),
        pytest.raises(RuntimeError, match="deterministic"),
    ):
        values.put_(torch.tensor([0, 0]), torch.ones(2), accumulate=False)


def test_not_enabled_it_does_nothing() -> None:
    before = flags()
    with deterministic_mode(enabled=False):
        assert flags() == before
