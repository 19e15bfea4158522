"""Rows: trained on the sources alone, appended when ready, never run twice."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.benchmark.crops import benchmark_records, load_crops, prepare
from model.benchmark.methods import METHODS, settings
from model.benchmark.run import is_of, read_rows, run_row, thinned
from model.benchmark.tables import render_tables
from model.benchmark.training import BenchmarkPaths, Schedule, split_sources
from model.data.crop_set import Record

TINY = Schedule(steps=3, size=64, threads=1, rendered_per_class=1)
LABELS = {
    "barcelona_pbc": ("eosinophil", "monocyte"),
    "choi_bonemarrow": ("erythroblast", "myelocyte"),
    "bccd": ("neutrophil", "lymphocyte"),
    "jiangxi_tecom": ("neutrophil", "eosinophil"),
}


@pytest.fixture
def paths(tmp_path: Path) -> BenchmarkPaths:
    """A data folder of noise in class-dependent tints, twenty crops a class."""
    rng = np.random.default_rng(0)
    lines = ["path,domain,class"]
    for domain, labels in LABELS.items():
        for tint, label in enumerate(labels):
            for index in range(20):
                path = tmp_path / "data" / domain / f"{label}{index}_1.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 120, (48, 48, 3), dtype=np.uint8)
                pixels[..., tint] += 120
                Image.fromarray(pixels).save(path)
                lines.append(f"{domain}/{path.name},{domain},{label}")
    (tmp_path / "data" / "manifest.csv").write_text("\n".join(lines) + "\n")
    return BenchmarkPaths(tmp_path / "data", tmp_path / "cache", tmp_path / "rows.jsonl")


def test_a_row_holds_scores_settings_and_time_and_is_not_run_twice(paths: BenchmarkPaths) -> None:
    row = run_row("A1s", 0, "robust", seed=0, paths=paths, schedule=TINY)
    assert set(row["targets"]) == {"bccd", "jiangxi_tecom"}
    assert set(row["source_macro_f1"]) <= set(row["sources"])
    assert row["config"]["alignment"] == "mmd"
    assert row["train_crops"] == 72
    assert set(row["honesty"]) == set(row["targets"])
    assert row["honesty"]["bccd"]["sets"]["target"]["n"] == 0  # no source labels its classes
    assert set(row["sources_all_classes"]["with"]) == set(row["source_macro_f1"])
    assert row["seconds"] > 0
    again = run_row("A1s", 0, "robust", seed=0, paths=paths, schedule=TINY)
    assert again == row
    assert len(paths.rows.read_text().splitlines()) == 1
    text = render_tables(read_rows(paths.rows))
    assert "| robust |" in text
    assert "### A2\n\nNot run." in text
    assert "Not run: erm," in text


def test_a_row_cut_short_by_a_kill_is_run_again_and_the_next_one_kept(
    paths: BenchmarkPaths,
) -> None:
    whole = json.dumps({"protocol": "A1"})
    paths.rows.write_text(whole + "\n" + whole[:9])
    assert read_rows(paths.rows) == [{"protocol": "A1"}]
    row = run_row("A1s", 0, "robust-rendered", seed=0, paths=paths, schedule=TINY)
    assert read_rows(paths.rows) == [{"protocol": "A1"}, row]


def test_a_row_of_a_method_that_was_defined_otherwise_does_not_count() -> None:
    method = METHODS["robust"]
    row: dict[str, Any] = {
        "config": settings(
            method, counts={"bccd": 1}, seed=0, steps=3, size=64, threads=1
        ).to_json(),
        "site_alignment": method.site_alignment,
        "case_mix": method.case_mix,
    }
    assert is_of(row, method)
    assert not is_of(row | {"site_alignment": 0.8}, method)
    assert not is_of(row | {"config": row["config"] | {"imbalance": "ldam"}}, method)
    assert not is_of(row, METHODS["robust-rendered"])


def test_a_source_left_out_by_the_method_is_not_trained_on(paths: BenchmarkPaths) -> None:
    row = run_row("A1", 0, "robust-rendered", seed=0, paths=paths, schedule=TINY)
    assert row["sources"] == ["barcelona_pbc", "choi_bonemarrow", "jiangxi_tecom"]
    assert row["train_crops"] == 108


def test_the_cache_is_refused_for_other_data(paths: BenchmarkPaths) -> None:
    records = benchmark_records(paths.data, rendered_per_class=1)
    crops = load_crops(records, paths.data, paths.cache, window="whole", stain="as_is")
    assert crops.shape == (len(records), 168, 168, 3)
    with pytest.raises(ValueError, match="other data"):
        load_crops(records[1:], paths.data, paths.cache, window="whole", stain="as_is")


def test_the_whole_window_shows_the_crop_as_it_was_cut(paths: BenchmarkPaths) -> None:
    record = Record("bccd/neutrophil0_1.png", "bccd", "neutrophil")
    crop = prepare(record, paths.data, window="whole")
    with Image.open(paths.data / record.path) as image:
        expected = np.asarray(image).mean(axis=(0, 1))
    np.testing.assert_allclose(crop[20:-20, 20:-20].mean(axis=(0, 1)), expected, atol=6)


def test_a_tenth_of_the_sources_is_held_out() -> None:
    validation, training = split_sources(np.arange(50), seed=1)
    assert len(validation) == 5
    assert sorted([*validation, *training]) == list(range(50))
    assert not np.array_equal(validation, split_sources(np.arange(50), seed=2)[0])


def test_a_large_target_is_thinned_evenly() -> None:
    assert thinned(np.arange(10), 20).tolist() == list(range(10))
    assert thinned(np.arange(101), 3).tolist() == [0, 50, 100]


def test_the_command_line_names_an_unknown_method(
    paths: BenchmarkPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["benchmark", "--out", str(paths.rows), "--data", str(paths.data)]
    assert main([*words, "--cache", str(paths.cache), "--method", "magic"]) == 1
    assert "magic is none of erm," in capsys.readouterr().err
    assert main(words) == 1
    assert "--cache" in capsys.readouterr().err
