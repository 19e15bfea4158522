"""The training loop on a handful of crops: three steps, a break, and the same end."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from model.data.crop_set import CropSet, Record, load_evaluation_set, load_training_set
from model.data.scale import INPUT_SIZE
from model.training.checkpoint import save_checkpoint
from model.training.compute import ComputeConfig
from model.training.loop import train_steps
from model.training.train import (
    CHECKPOINT_FILE,
    claim_folder,
    run_training,
    start_or_resume,
    train,
    validate,
    validation_loss,
)
from tests.unit.model.tiny_runs import small_config

LABELS = {"barcelona_pbc": ("eosinophil", "monocyte"), "bccd": ("neutrophil", "lymphocyte")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of noise in class-dependent tints."""
    root = tmp_path / "data"
    rng = np.random.default_rng(0)
    lines = ["path,domain,class"]
    for domain, labels in LABELS.items():
        for tint, label in enumerate(labels):
            for index in range(8):
                path = root / domain / label / f"{label}{index}_1.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 120, (60, 60, 3), dtype=np.uint8)
                pixels[..., tint] += 120
                Image.fromarray(pixels).save(path)
                lines.append(f"{path.relative_to(root).as_posix()},{domain},{label}")
    (root / "manifest.csv").write_text("\n".join(lines) + "\n")
    return root


def crop_sets(root: Path) -> tuple[CropSet, CropSet]:
    records = [
        Record(path.relative_to(root).as_posix(), path.parts[-3], path.parts[-2])
        for path in sorted(root.rglob("*.png"))
    ]
    training = load_training_set(records[::2], root, absent_weight=0.1)
    return training, load_evaluation_set(records[1::2], root)


def progress(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "progress.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "changes", [{}, {"averaging": "swad", "swad_start": 1.0, "head": "decoupled", "steps": 4}]
)
def test_a_broken_run_goes_on_to_the_same_weights(
    changes: dict[str, Any], data: Path, tmp_path: Path
) -> None:
    training, validation = crop_sets(data)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    config, fabric = small_config(batch=4, size=INPUT_SIZE, **changes), ComputeConfig().launch()

    claim_folder(whole, config)
    straight = start_or_resume(whole, config, training)
    run_training(
        straight, config, training=training, validation=validation, out=whole, fabric=fabric
    )

    claim_folder(broken, config)
    killed = start_or_resume(broken, config, training)
    steps = train_steps(killed, config, training=training, fabric=fabric)
    next(steps), next(steps)
    validate(killed, config, validation=validation, out=broken)
    save_checkpoint(broken / CHECKPOINT_FILE, killed.to_checkpoint(), run=config.model_id)
    resumed = start_or_resume(broken, config, training)
    assert resumed.step == 2
    run_training(
        resumed, config, training=training, validation=validation, out=broken, fabric=fabric
    )

    for name, tensor in straight.average.state_dict().items():
        assert torch.equal(resumed.average.state_dict()[name], tensor), name
    assert resumed.averaging == straight.averaging
    assert progress(whole)[-1]["step"] == progress(broken)[-1]["step"] == config.steps
    assert {"loss", "lr", "crops_per_s"} <= set(next(e for e in progress(whole) if "loss" in e))
    assert set(progress(whole)[-1]["val_macro_f1"]) == set(LABELS)


def test_a_run_killed_after_its_last_step_still_gets_its_decoupled_head(
    data: Path, tmp_path: Path
) -> None:
    training, validation = crop_sets(data)
    config, fabric = small_config(batch=4, head="decoupled"), ComputeConfig().launch()
    state = start_or_resume(tmp_path, config, training)
    steps = train_steps(state, config, training=training, fabric=fabric)
    for _ in range(config.steps):
        next(steps)
    joint = state.average.head.weight.clone()
    save_checkpoint(tmp_path / CHECKPOINT_FILE, state.to_checkpoint(), run=config.model_id)
    assert list(steps) == []
    assert not torch.equal(state.average.head.weight, joint)

    resumed = start_or_resume(tmp_path, config, training)
    assert torch.equal(resumed.average.head.weight, joint)
    run_training(
        resumed, config, training=training, validation=validation, out=tmp_path, fabric=fabric
    )
    assert torch.equal(resumed.average.head.weight, state.average.head.weight)
    assert progress(tmp_path)[-1]["head"] == "decoupled"


def test_a_swad_average_is_told_the_loss_on_the_validation_split(
    data: Path, tmp_path: Path
) -> None:
    training, validation = crop_sets(data)
    config = small_config(batch=4, averaging="swad")
    state = start_or_resume(tmp_path, config, training)
    first = validation_loss(state.learner.network, validation, config)
    validate(state, config, validation=validation, out=tmp_path)
    assert state.averaging.lowest == first > 0
    assert progress(tmp_path)[-1]["val_loss"] == round(first, 4)
    with torch.no_grad():
        state.learner.network.head.weight.mul_(100.0)
    validate(state, config, validation=validation, out=tmp_path)
    assert state.averaging.paused
    assert state.averaging.lowest == first


def test_frozen_stages_and_batchnorm_statistics_stay(data: Path, tmp_path: Path) -> None:
    training, validation = crop_sets(data)
    config = small_config(frozen_stages=2, batch=4)
    claim_folder(tmp_path / "run", config)
    state = start_or_resume(tmp_path / "run", config, training)
    before = {name: value.clone() for name, value in state.learner.network.state_dict().items()}
    out, fabric = tmp_path / "run", ComputeConfig().launch()
    run_training(state, config, training=training, validation=validation, out=out, fabric=fabric)
    changed = {
        name
        for name, value in state.learner.network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert "head.weight" in changed
    assert any("blocks.6" in name for name in changed)
    assert not [name for name in changed if "running_" in name]
    assert not [n for n in changed if n.split("net.")[-1].startswith(("conv_stem", "blocks.0"))]


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    claim_folder(tmp_path, small_config())
    claim_folder(tmp_path, small_config())
    with pytest.raises(ValueError, match="other settings"):
        claim_folder(tmp_path, small_config(seed=99))


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 64},
        {"size": INPUT_SIZE, "normalisation": "group"},
        {"window": "whole"},
        {"size": INPUT_SIZE, "views": 4},
    ],
)
def test_settings_that_the_application_cannot_follow_are_refused(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"as the application|benchmark"):
        train(tmp_path, tmp_path / "run", small_config(**changes))
    assert not (tmp_path / "run").exists()
