"""The settings of a fine-tuning job."""

import subprocess
import sys
from pathlib import Path

import pytest

from model.finetune.config import STEPS, STEPS_PER_LABEL, FineTuneConfig, missing_packages

DOCS = Path(__file__).parents[4] / "docs" / "model.md"


def test_settings_survive_json() -> None:
    config = FineTuneConfig(seed=4, lr=1e-4)
    assert FineTuneConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    "values",
    [{"speed": 1}, {"steps": "many"}, {"folds": 1}, {"local": 1}, {"accelerator": "tpu"}],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        FineTuneConfig.from_json(values)


def test_more_labels_take_more_steps_within_bounds() -> None:
    steps = [FineTuneConfig().for_labels(labels).steps for labels in (10, 100, 100_000)]
    assert steps == sorted(set(steps))
    assert FineTuneConfig(steps=7).for_labels(100).steps == 7


def test_whether_fine_tuning_is_possible_is_told_without_loading_torch() -> None:
    assert missing_packages() == ()
    code = (
        "import sys, model.finetune.config as f; f.missing_packages(); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_manual_tells_the_settings_that_are_used() -> None:
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    config = FineTuneConfig()
    assert f"{STEPS[0]} and {STEPS_PER_LABEL} for each label, at most {STEPS[1]} a run" in text
    assert f"every {config.checkpoint_every} steps" in text
    assert config.judged_per_class * 16 == 128
    assert "on 128 rendered cells" in text
    assert (config.folds, config.rendered_sites, config.frozen_stages) == (3, 4, 3)
