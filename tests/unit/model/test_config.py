"""The config's round trip and its refusals."""

import json

import pytest

from model.config import TrainConfig


def test_a_config_survives_json() -> None:
    config = TrainConfig(seed=3, steps=7, domain_weights={"bccd": 1.0})
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    "values", [{"stepz": 3}, {"batch": 0}, {"steps": -1}, {"absent_weight": 1.5}]
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        TrainConfig.from_json(values)
