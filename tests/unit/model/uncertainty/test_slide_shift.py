"""The alarm: silent on slides of the training sites, loud and in plain words on others."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.appearance import STATISTICS
from model.uncertainty.slide_shift import (
    COLUMNS,
    FALSE_ALARMS,
    MIN_CELLS,
    ShiftReference,
    assess,
    describe,
    draw_slide,
    fit_shift,
    join_columns,
)

COLUMN = {statistic.name: index for index, statistic in enumerate(COLUMNS)}
SITES = {"north": 0.10, "south": 0.30}  # colour of the ground


def site_rows(site: str, n: int, *, seed: int) -> tuple[NDArray[np.float64], list[str]]:
    """Cells of a site whose nuclei depend on their class: float64 (n, m + 1), and labels."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n)
    rows = rng.normal(0.5, 0.05, (n, len(COLUMNS)))
    rows[:, COLUMN["ground_yellow"]] += SITES[site] - 0.5
    rows[:, COLUMN["nucleus_density"]] += 0.1 * label
    rows[:, COLUMN["ood_score"]] = rng.uniform(0, 1, n)
    return rows, [("a", "b", "c")[index] for index in label]


@pytest.fixture(scope="module")
def reference() -> ShiftReference:
    parts = [site_rows(site, 120, seed=index) for index, site in enumerate(SITES)]
    rows = np.concatenate([rows for rows, _ in parts])
    return fit_shift(
        rows, [s for s in SITES for _ in range(120)], [x for _, own in parts for x in own]
    )


def split(rows: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    single = rows.astype(np.float32)
    return single[:, :-1], single[:, -1]


def test_slides_of_the_training_sites_rarely_alarm(reference: ShiftReference) -> None:
    rng = np.random.default_rng(7)
    for seed, site in enumerate(SITES, start=50):
        rows, labels = site_rows(site, 300, seed=seed)
        drawn = [rows[draw_slide(np.array(labels), rng)] for _ in range(200)]
        judged = [assess(*split(slide), reference) for slide in drawn]
        assert all(one is not None and one.site == site for one in judged)
        assert np.mean([one is not None and one.alarm for one in judged]) <= FALSE_ALARMS


def test_another_ground_colour_alarms_and_is_named_with_its_range(
    reference: ShiftReference,
) -> None:
    rows, _ = site_rows("south", 60, seed=9)
    rows[:, COLUMN["ground_yellow"]] = 0.9
    shift = assess(*split(rows), reference)
    assert shift is not None
    assert (shift.alarm, shift.statistic, shift.site, shift.n) == (
        True,
        "ground_yellow",
        "south",
        60,
    )
    assert shift.score > 1.0
    assert shift.text.startswith("ground colour yellower than at any training site (0.90 OD, sites")
    assert "stain" in shift.advice


def test_a_value_between_the_sites_is_told_against_the_nearest(reference: ShiftReference) -> None:
    rows, _ = site_rows("north", 60, seed=10)
    rows[:, COLUMN["ground_yellow"]] = 0.17
    shift = assess(*split(rows), reference)
    assert shift is not None
    assert "bluer" not in shift.text
    assert "yellower than at the nearest training site, north (0.17 OD, there 0.1" in shift.text


def test_zero_is_told_without_a_sign(reference: ShiftReference) -> None:
    centre = np.array(reference.centre)
    centre[:, COLUMN["ground_yellow"]] = (-0.001, 0.1)
    text = describe(COLUMN["ground_yellow"], 0.9, 1, replace(reference, centre=centre))
    assert "sites 0.00 to 0.10" in text


def test_far_cells_count_and_near_ones_do_not(reference: ShiftReference) -> None:
    rows, _ = site_rows("north", 200, seed=11)
    rows[:, -1] = 1.0
    far = assess(*split(rows), reference)
    rows[:, -1] = 0.0
    near = assess(*split(rows), reference)
    assert far is not None
    assert near is not None
    assert far.statistic == "ood_score"
    assert "farther from the cells of training" in far.text
    assert near.statistic != "ood_score"


def test_too_few_cells_are_not_judged(reference: ShiftReference) -> None:
    rows, _ = site_rows("north", MIN_CELLS, seed=12)
    assert assess(*split(rows), reference) is not None
    assert assess(*split(rows[:-1]), reference) is None


def test_what_cannot_be_measured_is_no_shift(reference: ShiftReference) -> None:
    rows, _ = site_rows("north", 60, seed=13)
    rows[:50, COLUMN["nucleus_density"]] = np.nan
    rows[50:, COLUMN["nucleus_density"]] = 99.0  # ten cells: too few to speak of
    shift = assess(*split(rows), reference)
    assert shift is not None
    assert not shift.alarm


def test_small_sites_are_left_out_and_without_sites_nothing_is_judged() -> None:
    rows, labels = site_rows("north", 30, seed=14)
    nothing = fit_shift(rows, ["north"] * 30, labels)
    assert nothing.sites == ()
    assert assess(*split(rows), nothing) is None


def test_the_columns_are_those_of_appearance_and_the_score() -> None:
    joined = join_columns(np.zeros((4, len(STATISTICS)), np.float32), np.ones(4, np.float32))
    assert joined.shape == (4, len(COLUMNS))
    assert joined[:, -1].tolist() == [1.0] * 4


def test_a_drawn_slide_has_20_to_200_cells_and_varies_its_mix() -> None:
    labels, rng = np.array(["a"] * 90 + ["b"] * 10), np.random.default_rng(15)
    drawn = [draw_slide(labels, rng) for _ in range(100)]
    assert {len(slide) < 20 or len(slide) > 200 for slide in drawn} == {False}
    shares = [np.mean(labels[slide] == "b") for slide in drawn]
    assert min(shares) < 0.2
    assert max(shares) > 0.8
