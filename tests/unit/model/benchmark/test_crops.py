"""Protocol B: three rendered laboratories, their colours, counts and what is never trained on."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from model.benchmark.crops import (
    FIRST_HELD_OUT,
    HELD_OUT,
    SITE_OF,
    draw,
    load_crops,
    number_of,
    site_records,
    split_rendered,
)
from model.benchmark.protocols import ELEVEN, PROTOCOLS
from model.benchmark.run import read_rows, run_row
from model.benchmark.tables import render_tables
from model.benchmark.training import BenchmarkPaths, Schedule
from model.data.crop_set import Record
from model.data.domains import DOMAINS
from model.uncertainty.class_prior import log_class_prior

# Mean and standard deviation of the published sets, 0 to 255, as in docs/rendered-cells.md.
PUBLISHED = {
    "rendered_matek": ((209.3, 185.7, 213.3), (43.7, 65.9, 26.2)),
    "rendered_acevedo": ((221.6, 189.1, 182.6), (42.3, 49.3, 20.4)),
    "rendered_mll": ((188.7, 166.3, 198.5), (52.6, 68.5, 45.9)),
}


def for_training() -> list[Record]:
    return [record for record in site_records() if number_of(record) < FIRST_HELD_OUT]


def test_the_sites_have_the_published_colours_in_their_order() -> None:
    found = {}
    for site in SITE_OF:
        own = [record for record in for_training() if record.domain == site]
        chosen = np.linspace(0, len(own) - 1, 30).round().astype(int)
        pixels = np.stack([draw(own[row]) for row in chosen]).astype(float)
        found[site] = np.stack([pixels.mean(axis=(0, 1, 2)), pixels.std(axis=(0, 1, 2))])
        np.testing.assert_allclose(found[site], PUBLISHED[site], atol=8)
    for one, other in combinations(SITE_OF, 2):
        published = np.subtract(PUBLISHED[one], PUBLISHED[other])
        rendered = found[one] - found[other]
        apart = np.abs(published) > 8
        assert apart.sum() >= 3
        np.testing.assert_array_equal(np.sign(rendered)[apart], np.sign(published)[apart])


def test_the_counts_are_the_published_ones_scaled_and_keep_the_imbalance() -> None:
    count = Counter((record.domain, record.label) for record in for_training())
    matek = [n for (site, _), n in count.items() if site == "rendered_matek"]
    assert max(matek) // min(matek) == 566
    assert {label for _, label in count} == set(ELEVEN)
    assert ("rendered_acevedo", "blast") not in count
    assert len(site_records()) <= 3000
    whole = Counter((record.domain, record.label) for record in site_records())
    assert {key: n - HELD_OUT for key, n in whole.items()} == dict(count)


def test_no_crop_is_drawn_twice_and_the_same_record_gives_the_same_crop() -> None:
    records = site_records()
    assert len({record.path for record in records}) == len(records)
    first = next(r for r in records if r.path == "rendered_mll/blast/0")
    same_number = next(r for r in records if r.path == "rendered_matek/blast/0")
    np.testing.assert_array_equal(draw(first), draw(first))
    assert not np.array_equal(draw(first), draw(same_number))


def test_held_out_crops_are_of_every_class_and_never_trained_on() -> None:
    records = site_records()
    source = np.array([row for row, r in enumerate(records) if r.domain == "rendered_matek"])
    held_out, training = split_rendered(records, source)
    assert sorted([*held_out, *training]) == source.tolist()
    assert Counter(records[row].label for row in held_out) == dict.fromkeys(ELEVEN, HELD_OUT)
    assert {records[row].label for row in training} == set(ELEVEN)


def test_no_usual_case_mix_is_claimed_for_a_rendered_site() -> None:
    for site in SITE_OF:
        assert not log_class_prior(DOMAINS[site].tissue, strength=1.0).any()
    drawn = {(record.domain, record.label) for record in site_records()}
    assert not [(site, c) for site, c in drawn if c in DOMAINS[site].surely_absent]


def test_each_fold_leaves_one_site_out() -> None:
    assert [fold.targets[0][0] for fold in PROTOCOLS["B"]] == [*SITE_OF]
    for fold in PROTOCOLS["B"]:
        assert {*fold.sources, fold.targets[0][0]} == set(SITE_OF)


def test_a_row_of_b_needs_no_data_folder_and_is_not_run_twice(tmp_path: Path) -> None:
    paths = BenchmarkPaths(tmp_path / "none", tmp_path / "cache", tmp_path / "rows.jsonl")
    tiny = Schedule(steps=2, size=64, threads=1, site_shrink=28)
    row = run_row("B", 0, "robust", seed=0, paths=paths, schedule=tiny)
    assert list(row["targets"]) == ["rendered_matek"]
    assert row["train_crops"] < 100
    assert row["honesty"]["rendered_matek"]["sets"]["target"]["n"] > 20
    assert run_row("B", 0, "robust", seed=0, paths=paths, schedule=tiny) == row
    assert len(read_rows(paths.rows)) == 1
    assert "### B: 2 steps at 64 px" in render_tables(read_rows(paths.rows))
    assert (paths.cache / "rendered_sites-whole.npy").exists()
    with pytest.raises(ValueError, match="other data"):
        load_crops(
            site_records(shrink=20),
            paths.data,
            paths.cache,
            window="whole",
            stain="as_is",
            pool="rendered_sites",
        )
