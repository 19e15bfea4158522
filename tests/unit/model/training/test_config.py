"""The config's round trip and its refusals."""

import json
from pathlib import Path

import pytest

from model.training.config import TrainConfig
from model.training.weight_averaging import AveragingSchedule


def test_a_config_survives_json() -> None:
    config = TrainConfig(seed=3, steps=7, domain_weights={"bccd": 1.0})
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_settings_written_before_there_were_switches_mean_what_they_meant() -> None:
    old = TrainConfig.from_json({"ema_decay": 0.0, "head_crops": 1500})
    assert (old.averaging, old.head, old.views, old.deterministic) == ("ema", "joint", 1, False)
    assert AveragingSchedule(old).next_decay(100) == 0.0


def test_a_whole_number_stands_for_a_rate() -> None:
    assert TrainConfig.from_json({"lr": 1, "domain_weights": {"bccd": 1}}).lr == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([3], "JSON object"),
        ({"stepz": 3}, "unknown settings: stepz"),
        ({"batch": 0}, "batch"),
        ({"steps": -1}, "steps"),
        ({"steps": "many"}, "steps cannot be 'many'"),
        ({"seed": True}, "seed cannot be True"),
        ({"batch": 4.5}, "batch cannot be 4.5"),
        ({"absent_weight": 1.5}, "absent_weight"),
        ({"alignment": "magic"}, "alignment must be one of none, coral"),
        ({"window": "wide"}, "window must be one of estimated, whole"),
        ({"averaging": "sum"}, "averaging must be one of ema, swad, none"),
        ({"head": "two"}, "head must be one of joint, decoupled"),
        ({"swad_start": 1.5}, "swad_start must lie in 0..1"),
        ({"ema_decay": -0.1}, "ema_decay must lie in 0..1"),
        ({"views": 2}, "views must be 1, 4 or 8"),
        ({"views": True}, "views cannot be True"),
        ({"deterministic": 1}, "deterministic cannot be 1"),
        ({"twins": 1.5}, "twins"),
        ({"size": 8}, "size"),
        ({"domain_weights": {"bccd": 0}}, "some domain"),
        ({"domain_weights": {"bccd": -1}}, "from 0 up"),
        ({"domain_weights": {"elsewhere": 1}}, "unknown domains: elsewhere"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(values: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TrainConfig.from_json(values)


def test_a_file_that_is_no_config_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("not json")
    with pytest.raises(ValueError, match=r"settings\.json"):
        TrainConfig.read(path)
