"""The split: in proportion, seeded, by field, recorded and read again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from model.data.crop_set import Record
from model.data.split import make_split, read_split, split_records, write_split
from model.inference.predictor import find_model
from model.training.config import TrainConfig

MODELS = Path(__file__).parents[4] / "resources" / "models"


def many() -> list[Record]:
    barcelona = [
        Record(f"barcelona_pbc/{label}/{index}.jpg", "barcelona_pbc", label)
        for label in ("eosinophil", "basophil", "neutrophil_band")
        for index in range(40)
    ]
    fields = [
        Record(f"bccd/neutrophil/BloodImage_{field:05}_{cell}.jpg", "bccd", "neutrophil")
        for field in range(30)
        for cell in (1, 2)
    ]
    return [*barcelona, *fields, Record("bccd/basophil/BloodImage_99_1.jpg", "bccd", "basophil")]


def test_the_split_is_disjoint_complete_and_in_proportion_in_every_class() -> None:
    split = split_records(many(), seed=1)
    paths = {name: {record.path for record in records} for name, records in split.items()}
    assert not paths["train"] & paths["test"]
    assert not paths["train"] & paths["val"]
    assert not paths["val"] & paths["test"]
    assert set().union(*paths.values()) == {record.path for record in many()}
    for label in ("eosinophil", "basophil", "neutrophil_band"):
        parts = {
            name: sum(r.label == label and r.domain == "barcelona_pbc" for r in records)
            for name, records in split.items()
        }
        assert parts == {"train": 28, "val": 6, "test": 6}


def test_the_split_follows_its_seed_and_not_the_order_of_the_records() -> None:
    again = split_records(list(reversed(many())), seed=1)
    assert split_records(many(), seed=1) == again
    assert split_records(many(), seed=2) != again


def test_crops_of_one_field_stay_on_one_side() -> None:
    split = split_records(many(), seed=1)
    sides = {
        (record.group, name)
        for name, records in split.items()
        for record in records
        if record.domain == "bccd"
    }
    assert len(sides) == len({group for group, _ in sides})


def test_a_class_of_one_crop_trains() -> None:
    assert "basophil" in {r.label for r in split_records(many(), seed=1)["train"] if "99" in r.path}


def test_a_recorded_split_is_read_again(tmp_path: Path) -> None:
    split = split_records(many(), seed=1)
    write_split(tmp_path / "split.json.gz", split)
    recorded = read_split(tmp_path)
    assert recorded == {name: sorted(r.path for r in part) for name, part in split.items()}


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b"text", lambda b: b[:40] * 2])
def test_a_damaged_record_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "split.json.gz"
    write_split(path, split_records(many(), seed=1))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises((ValueError, OSError)):
        read_split(tmp_path)


def write_manifest(root: Path, records: list[Record]) -> None:
    rows = [f"{record.path},{record.domain},{record.label}" for record in records]
    (root / "manifest.csv").write_text("\n".join(["path,domain,class", *rows]) + "\n")


def test_a_domain_without_weight_is_not_in_the_split(tmp_path: Path) -> None:
    write_manifest(tmp_path, many())
    split = make_split(tmp_path, TrainConfig(domain_weights={"bccd": 1.0, "rendered": 0.0}))
    assert {record.domain for part in split.values() for record in part} == {"bccd"}


def test_too_few_crops_for_every_part_are_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, many()[:2])
    with pytest.raises(ValueError, match="none is left for val"):
        make_split(tmp_path, TrainConfig(domain_weights={"barcelona_pbc": 1.0}))


@pytest.mark.real_data
def test_the_shipped_split_follows_from_the_data_and_the_config() -> None:
    import os

    folder = find_model(MODELS)
    config = TrainConfig.from_json(json.loads((folder / "card.json").read_text())["config"])
    split = make_split(Path(os.environ["WBC_DATA"]), config)
    assert {name: sorted(r.path for r in part) for name, part in split.items()} == read_split(
        folder
    )
