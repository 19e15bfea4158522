"""One run of fine-tuning: what it learns from, what holds it, what it leaves alone."""

from typing import Any

import numpy as np
import pytest
import torch

from model.finetune.batches import MARGIN, ReplayPool, local_pool, make_batches, rendered_pool
from model.finetune.config import FineTuneConfig
from model.finetune.loop import (
    FineTuneState,
    drawn_counts,
    initial_state,
    run_free_stages,
    run_frozen_stages,
    take_step,
)
from model.network.backbone import load_backbone
from model.network.head import Head
from model.network.network import Network
from model.training.compute import ComputeConfig
from tests.unit.model.job_folders import MEMORY
from tests.unit.model.layered import BASE
from tests.unit.model.tuning_jobs import LABELS, QUICK, site_cells

HEAD = Head.load(BASE / "head.safetensors")


def small(**changes: Any) -> FineTuneConfig:
    return FineTuneConfig.from_json(QUICK | changes)


def begin(config: FineTuneConfig) -> tuple[FineTuneState, Any]:
    """A run's state and its batches."""
    torch.set_num_threads(1)
    network = Network(load_backbone(BASE / "weights.safetensors"), dropout=0.0)
    network.set_head(HEAD.weight, HEAD.bias)
    arrays = site_cells()
    names = tuple(LABELS[row] for row in arrays["label"])
    pool = local_pool(arrays["crops"], names, site=arrays["site"], weight=arrays["weight"])
    rendered, memory = rendered_pool(config, first_domain=1), ReplayPool.of(MEMORY)
    variance = float(memory.embedding.var(axis=0).mean())
    pools = (pool, rendered)
    state = initial_state(network.eval(), variance=variance, pools=pools, config=config)
    return state, make_batches(pool, rendered, memory, config, run=0)


def train(state: FineTuneState, make: Any) -> list[float]:
    fabric = ComputeConfig().launch()
    parts = (fabric, *fabric.setup(state.tuner, state.optimiser))
    steps = state.averaging.config.steps
    return [take_step(state, parts, make) for _ in range(steps)]


def test_the_two_halves_of_the_network_are_the_network() -> None:
    network = Network(load_backbone(BASE / "weights.safetensors"), dropout=0.0).eval()
    crops = torch.from_numpy(site_cells()["crops"][:2])
    with torch.no_grad():
        for stages in (0, 3, 7):
            found = run_free_stages(network, run_frozen_stages(network, crops, stages), stages)
            torch.testing.assert_close(found, network.backbone(crops)[0])


def test_a_run_moves_the_free_part_of_the_network_and_nothing_else() -> None:
    state, make = begin(small())
    tuner = state.tuner
    before = {name: value.clone() for name, value in tuner.base.state_dict().items()}
    train(state, make)
    frozen = tuple(f"backbone.net.{part}" for part in ("conv_stem", "bn1.", "blocks.0", "blocks.4"))
    for name, value in tuner.network.state_dict().items():
        if name.startswith(frozen) or "running" in name:
            assert torch.equal(value, before[name]), name
    assert not torch.equal(
        tuner.network.state_dict()["backbone.net.conv_head.weight"],
        before["backbone.net.conv_head.weight"],
    )
    for name, value in tuner.base.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_the_penalties_keep_the_network_near_the_base() -> None:
    free, held = begin(small(keep_embedding=0.0, stay=0.0)), begin(small(keep_embedding=50.0))
    for state, make in (free, held):
        train(state, make)
    crops = torch.from_numpy(site_cells()["crops"][:8])
    with torch.no_grad():
        start = free[0].tuner.base.backbone(crops)[0]
        ways = [
            (state.tuner.network.eval().backbone(crops)[0] - start).square().mean().item()
            for state, _ in (free, held)
        ]
    assert 0.0 < ways[1] < 0.8 * ways[0]


def test_at_the_base_only_the_labels_and_the_shift_have_a_say() -> None:
    config = small(remembered_weight=0.0, alignment_weight=0.0)
    state, make = begin(config)
    tuner, batch = state.tuner.eval(), make(0)
    with torch.no_grad():
        logits = tuner.network(batch.labelled.crops)
        labels = tuner.criterion(
            logits, torch.zeros(len(logits), 1280), batch.labelled, progress=0.0
        )
        torch.testing.assert_close(tuner(batch, progress=0.0), labels, rtol=1e-3, atol=1e-4)


def test_a_batch_follows_from_seed_run_and_step() -> None:
    make, again = begin(small())[1], begin(small())[1]
    first, same, next_ = make(1), again(1), make(2)
    assert torch.equal(first.labelled.crops, same.labelled.crops)
    assert torch.equal(first.remembered, same.remembered)
    assert not torch.equal(first.labelled.crops, next_.labelled.crops)


def test_a_doubted_label_is_drawn_less_and_a_rare_class_more() -> None:
    crops = np.zeros((5, 128, 128, 3), np.uint8)
    names = ("monocyte", "monocyte", "monocyte", "monocyte", "basophil")
    weight = np.array([1.0, 1.0, 1.0, 0.5, 1.0])
    pool = local_pool(crops, names, site=np.zeros(5, np.int64), weight=weight)
    assert pool.weight[3] == pytest.approx(pool.weight[0] / 2)
    assert pool.weight[4] > 1.5 * pool.weight[0]
    assert pool.weight.sum() == pytest.approx(1.0)
    side = 128 + 2 * MARGIN
    assert pool.take(np.array([4, 4])).shape == (2, side, side, 3)


def test_rendered_sites_are_domains_of_their_own_and_other_parts_show_other_cells() -> None:
    config = small(rendered_per_class=2)
    pool, other = (
        rendered_pool(config, first_domain=3),
        rendered_pool(config, first_domain=3, part=1),
    )
    assert set(pool.domain.tolist()) == {3, 4}
    assert (pool.target.sum(axis=0) == 2).all()
    same = [bool((a == b).all()) for a, b in zip(pool.crops, other.crops, strict=True)]
    assert not any(same)
    counts = drawn_counts((pool, pool), config)
    assert counts[3].keys() <= set(HEAD.classes)
