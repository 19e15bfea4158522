"""The reference is fitted, written, read, and refuses what is not its own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from model.data.domains import RENDERED
from model.uncertainty.conformal import prediction_sets
from model.uncertainty.estimator import REFERENCE_FILE, UncertaintyEstimator, fit_uncertainty
from model.uncertainty.slide_shift import assess
from tests.unit.model.held_out_cells import held_out


@pytest.fixture(scope="module")
def reference() -> UncertaintyEstimator:
    return fit_uncertainty(held_out(seed=1), temperature=1.2)


def test_what_was_saved_is_read_again(reference: UncertaintyEstimator, tmp_path: Path) -> None:
    path = tmp_path / REFERENCE_FILE
    reference.save(path)
    assert [entry.name for entry in tmp_path.iterdir()] == [REFERENCE_FILE]
    assert path.stat().st_size < 2_000_000
    again, cells = UncertaintyEstimator.load(path), held_out(seed=2)
    probs = np.abs(cells.logits) / np.abs(cells.logits).sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(
        again.ood.score(cells.embedding), reference.ood.score(cells.embedding)
    )
    np.testing.assert_array_equal(
        prediction_sets(probs, again.thresholds), prediction_sets(probs, reference.thresholds)
    )
    np.testing.assert_array_equal(again.correction.apply(probs), reference.correction.apply(probs))
    np.testing.assert_array_equal(again.source_prior, reference.source_prior)
    assert again.shift.sites == reference.shift.sites == ("north", "south")
    rows = np.full((30, len(reference.shift.centre[0]) - 1), 0.2, dtype=np.float32)
    far = np.ones(30, dtype=np.float32)
    assert assess(rows, far, again.shift) == assess(rows, far, reference.shift)


def test_rendered_cells_calibrate_shares_but_are_no_site(reference: UncertaintyEstimator) -> None:
    both = fit_uncertainty(held_out(seed=1, sites=("north", "south", RENDERED)), temperature=1.2)
    assert both.shift.sites == ("north", "south")
    assert both.thresholds.n == reference.thresholds.n == 120
    assert len(both.ood.ranked) == 120
    assert np.abs(both.source_prior - reference.source_prior).max() > 1e-4


def test_a_second_view_takes_no_part_in_calibration(reference: UncertaintyEstimator) -> None:
    cells = held_out(seed=1, sites=("north", "south", "moon"))
    view = np.array([site == "moon" for site in cells.sites])
    both = fit_uncertainty(replace(cells, weights=np.where(view, 0.0, 1.0)), temperature=1.2)
    assert both.thresholds.n == reference.thresholds.n
    assert both.shift.sites == ("moon", "north", "south")


def test_without_any_photograph_rendered_cells_must_do() -> None:
    only = fit_uncertainty(held_out(seed=3, sites=(RENDERED,), n=12), temperature=1.0)
    assert only.thresholds.n == 12
    assert only.shift.sites == ()


def test_cells_without_weight_cannot_calibrate() -> None:
    cells = held_out(seed=1)
    with pytest.raises(ValueError, match="no held-out cells"):
        fit_uncertainty(replace(cells, weights=np.zeros(120)), temperature=1.0)


@pytest.mark.parametrize(
    ("fact", "value", "message"),
    [("format", 99, "format 99"), ("columns", ["smell"], "other statistics")],
)
def test_a_reference_of_another_making_is_refused(
    fact: str, value: object, message: str, tmp_path: Path
) -> None:
    facts = {"format": 1, "columns": [], fact: value}
    path = tmp_path / REFERENCE_FILE
    save_file({"x": np.zeros(1)}, path, metadata={"facts": json.dumps(facts)})
    with pytest.raises(ValueError, match=message):
        UncertaintyEstimator.load(path)
