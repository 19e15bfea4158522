"""The averages are what their formulas say; a dense one starts and pauses by the sources' loss."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from model.network.network import update_average
from model.training.weight_averaging import TOLERANCE, AveragingSchedule
from tests.unit.model.tiny_runs import small_config


def swad(*, steps: int = 20, start: float = 0.5) -> AveragingSchedule:
    return AveragingSchedule(small_config(averaging="swad", steps=steps, swad_start=start))


def averaged(averaging: AveragingSchedule, values: list[float], losses: dict[int, float]) -> float:
    """Follow a network of one weight; `losses` are the checks after so many steps."""
    mean = values[0] - 5.0  # what the average starts from has no part in a dense one
    for step, value in enumerate(values):
        decay = averaging.next_decay(step)
        mean = decay * mean + (1.0 - decay) * value
        if step + 1 in losses:
            averaging.take_validation_loss(losses[step + 1], steps=step + 1)
    return mean


VALUES = [float(value) for value in np.random.default_rng(0).normal(size=20)]


def test_none_is_the_last_network() -> None:
    assert averaged(AveragingSchedule(small_config(averaging="none")), VALUES, {}) == VALUES[-1]


def test_ema_reaches_back_over_the_steps_taken_and_then_forgets() -> None:
    averaging = AveragingSchedule(small_config(ema_decay=0.9))
    assert [averaging.next_decay(step) for step in (0, 10, 10_000)] == [0.1, 11 / 20, 0.9]
    assert AveragingSchedule(small_config(ema_decay=0.0)).next_decay(50) == 0.0


def test_without_checks_the_dense_average_is_over_the_last_share_of_the_steps() -> None:
    assert averaged(swad(), VALUES, {}) == pytest.approx(np.mean(VALUES[10:]))
    assert averaged(swad(start=0.0), VALUES, {}) == pytest.approx(np.mean(VALUES))
    assert averaged(swad(start=1.0), VALUES, {}) == VALUES[-1]


def test_it_starts_at_the_check_that_the_next_two_do_not_undercut() -> None:
    losses = {2: 3.0, 4: 2.0, 6: 2.5, 8: 1.0, 10: 1.1, 12: 1.0, 14: 0.5}
    assert averaged(swad(start=1.0), VALUES, losses) == pytest.approx(np.mean(VALUES[8:]))


def test_it_starts_at_the_given_share_at_the_latest() -> None:
    falling = {step: 10.0 - step / 10.0 for step in range(2, 21, 2)}
    assert averaged(swad(), VALUES, falling) == pytest.approx(np.mean(VALUES[10:]))
    apart = {step: 10.0 - step / 10.0 for step in range(4, 21, 4)}
    assert averaged(swad(), VALUES, apart) == pytest.approx(np.mean(VALUES[8:]))


@pytest.mark.parametrize("high", [TOLERANCE * 1.01, math.nan])
def test_steps_after_a_check_that_is_too_high_are_left_out(high: float) -> None:
    losses = {4: 1.0, 8: 1.2, 12: high, 16: 1.1}
    expected = np.mean(VALUES[4:12] + VALUES[16:])
    assert averaged(swad(start=1.0), VALUES, losses) == pytest.approx(expected)


def test_what_a_checkpoint_keeps_is_all_there_is() -> None:
    averaging = swad(start=1.0)
    averaged(averaging, VALUES, {2: 1.0, 4: 2.0})
    assert averaging.paused
    again = AveragingSchedule.from_checkpoint(averaging.config, averaging.to_checkpoint())
    assert again == averaging
    assert AveragingSchedule.from_checkpoint(averaging.config, {}) == swad(start=1.0)


def test_a_network_that_broke_does_not_spoil_a_paused_average() -> None:
    average, broken = nn.Linear(2, 2), nn.Linear(2, 2)
    before = average.weight.detach().clone()
    with torch.no_grad():
        broken.weight.fill_(float("nan"))
    update_average(average, broken, decay=1.0)
    assert torch.equal(average.weight, before)
