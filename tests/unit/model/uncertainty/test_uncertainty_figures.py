"""The figures of honesty, against cases whose answer is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from model.hierarchy import LEAVES
from model.uncertainty.estimator import fit_uncertainty
from model.uncertainty.slide_figures import disjoint_groups, share_errors
from model.uncertainty.uncertainty_figures import (
    OodCells,
    auroc,
    calibration_error,
    halves,
    uncertainty_row,
    with_prior,
)
from tests.unit.model.held_out_cells import held_out


def test_auroc_is_the_chance_that_the_outsider_scores_higher() -> None:
    rng = np.random.default_rng(1)
    inside, outside = rng.integers(0, 9, 40), rng.integers(3, 12, 30)
    pairs = [(o > i) + 0.5 * (o == i) for i in inside for o in outside]
    assert auroc(inside.astype(float), outside.astype(float)) == pytest.approx(np.mean(pairs))
    assert np.isnan(auroc(np.empty(0), outside.astype(float)))


def test_the_row_tells_a_strange_site_from_the_sources_and_is_json() -> None:
    calibration, source = held_out(seed=1), held_out(seed=2)
    moon = held_out(seed=3, sites=("moon",))
    rng = np.random.default_rng(4)
    strange = OodCells(
        (10.0 * rng.normal(size=(50, 40))).astype(np.float32), np.zeros((50, 16), np.float32)
    )
    row = uncertainty_row(
        calibration=calibration, source=source, target=moon, temperature=1.0, non_cells=strange
    )
    assert json.loads(json.dumps(row)) == row
    assert row["sets"]["source"]["n"] == 120
    assert (
        row["sets"]["source"]["low"]
        <= row["sets"]["source"]["coverage"]
        <= row["sets"]["source"]["high"]
    )
    assert row["sets"]["source"]["coverage"] > 0.8
    assert row["ood"]["unseen_site"]["mahalanobis"] > 0.95
    assert row["ood"]["non_cells"]["mahalanobis"] > 0.95
    assert row["ood"]["non_cells"]["energy"] > 0.9  # flat logits
    alarms = row["alarm"]
    assert alarms["target"]["moon"]["alarms"] == 1.0
    assert max(alarms["source"][site]["alarms"] for site in ("north", "south")) <= 0.1
    assert row["ece"]["target"] == {
        "n": 60,
        "before": row["ece"]["target"]["after"],
        "after": pytest.approx(calibration_error(moon, 1.0), abs=1e-4),
    }


def test_boasting_shows_as_calibration_error() -> None:
    cells = held_out(seed=5)
    wrong = replace(cells, logits=np.roll(cells.logits, 1, axis=0))  # the neighbour's answer
    assert calibration_error(cells, 0.05) < 0.1
    assert calibration_error(wrong, 0.05) > 0.5


def test_a_prior_is_added_whole_after_the_temperature() -> None:
    cells = held_out(seed=8)
    prior = np.log(np.linspace(0.01, 0.2, len(LEAVES))).astype(np.float32)
    expected = cells.probabilities(2.5) * np.exp(prior)
    expected /= expected.sum(axis=1, keepdims=True)
    shifted = with_prior(cells, prior, 2.5).probabilities(2.5)
    np.testing.assert_allclose(shifted, expected, atol=1e-6)
    assert with_prior(cells, None, 2.5) is cells


def test_halves_share_every_site_and_label_and_lose_no_cell() -> None:
    cells = held_out(seed=6)
    first, second = halves(cells)
    assert len(first.labels) + len(second.labels) == 120
    for site in ("north", "south"):
        for label in set(cells.labels):
            count = [
                sum((s, c) == (site, label) for s, c in zip(part.sites, part.labels, strict=True))
                for part in (first, second)
            ]
            assert count[0] - count[1] in {0, 1}
    together = np.concatenate([first.embedding, second.embedding])
    assert {row.tobytes() for row in together} == {row.tobytes() for row in cells.embedding}


def test_a_perfect_model_counts_without_error() -> None:
    cells = held_out(seed=7)
    leaf = cells.logits.argmax(axis=1)
    sure = replace(
        cells,
        logits=(20.0 * np.eye(len(LEAVES))[leaf]).astype(np.float32),
        labels=tuple(LEAVES[index] for index in leaf),
    )
    reference = fit_uncertainty(sure, temperature=1.0)
    figures = share_errors(sure, reference, 1.0, slides=20)
    assert figures["north"]["counted"] == 0.0
    assert figures["north"]["expected"] < 0.01


def test_a_parent_beside_its_own_leaves_is_no_group() -> None:
    groups = disjoint_groups(["monocyte", "neutrophil", "neutrophil_band"], LEAVES)
    assert groups == {"monocyte": [6], "neutrophil_band": [1]}
    assert disjoint_groups(["neutrophil"], LEAVES) == {"neutrophil": [0, 1]}
