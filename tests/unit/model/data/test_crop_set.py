"""Training data: manifest, label masks, sampling."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.data.crop_set import (
    CACHE_SIZE,
    Record,
    load_evaluation_set,
    load_training_set,
    read_manifest,
    rendered_records,
    sampling_weights,
)
from model.data.domains import DOMAINS, labelled_leaves, presence
from model.data.scale import INPUT_SIZE
from model.hierarchy import LEAVES


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


def test_leaves_a_domain_does_not_label_are_masked_or_weak_and_surely_absent_ones_count() -> None:
    bccd = DOMAINS["bccd"]
    labels = ["neutrophil", "lymphocyte"]
    weights = dict(zip(LEAVES, presence(bccd, labels, absent_weight=0.0).tolist(), strict=True))
    assert weights["neutrophil_band"] == weights["lymphocyte"] == 1.0
    assert weights["lymphocyte_reactive"] == weights["blast"] == 0.0
    assert weights["platelet"] == 1.0  # these crops are cells, whatever they are called
    weak = presence(bccd, labels, absent_weight=0.25)
    assert weak[LEAVES.index("blast")] == 0.25


def test_no_domain_calls_a_leaf_absent_that_it_labels() -> None:
    assert not labelled_leaves(["neutrophil", "lymphocyte", "monocyte"]) & set(
        DOMAINS["bccd"].surely_absent
    )
    for domain in DOMAINS.values():
        assert set(domain.surely_absent) <= set(LEAVES)


def test_draws_balance_domains_and_then_classes() -> None:
    records = many()
    weights = sampling_weights(
        records, domain_weights={"barcelona_pbc": 0.25, "bccd": 0.75}, class_power=0.0
    )
    assert weights.sum() == pytest.approx(1.0)
    share: Counter[tuple[str, str]] = Counter()
    for record, weight in zip(records, weights, strict=True):
        share[record.domain, record.label] += weight
    assert share["bccd", "basophil"] == pytest.approx(0.375)
    assert share["bccd", "neutrophil"] == pytest.approx(0.375)
    assert share["barcelona_pbc", "eosinophil"] == pytest.approx(0.25 / 3)


def test_a_domain_without_weight_is_never_drawn() -> None:
    weights = sampling_weights(many(), domain_weights={"bccd": 1.0}, class_power=0.5)
    drawn = [r.domain for r, weight in zip(many(), weights, strict=True) if weight > 0]
    assert set(drawn) == {"bccd"}


def test_rendered_records_are_distinct_and_of_every_leaf() -> None:
    records = rendered_records(3, seed=5)
    assert Counter(r.label for r in records) == dict.fromkeys(LEAVES, 3)
    assert len({r.path.rsplit("/", 1)[1] for r in records}) == len(records)


def test_crops_of_known_scale_are_held_in_two_views(tmp_path: Path) -> None:
    records = [
        Record("a.png", "barcelona_pbc", "eosinophil"),
        Record("b.png", "bccd", "neutrophil"),
    ]
    for record in records:
        pixels = np.random.default_rng(0).integers(0, 256, (90, 100, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / record.path)
    training = load_training_set(records, tmp_path, absent_weight=0.1)
    assert [record.path for record in training.records] == ["a.png", "a.png", "b.png"]
    assert training.crops.shape == (3, CACHE_SIZE, CACHE_SIZE, 3)
    assert training.target.shape == training.presence.shape == (3, len(LEAVES))
    evaluation = load_evaluation_set(records, tmp_path)
    assert evaluation.crops.shape == (2, INPUT_SIZE, INPUT_SIZE, 3)


def test_a_manifest_with_an_unknown_domain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,domain,class\nx.png,elsewhere,blast\n")
    with pytest.raises(ValueError, match="elsewhere"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,domain\nx.png,bccd\n", "lacks the columns class"),
        ("path,domain,class\nx.png,bccd,martian\n", "unknown classes: martian"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"manifest\.csv is missing"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_manifest(tmp_path)


@pytest.mark.real_data
def test_the_real_manifest_is_understood_wholly() -> None:
    import os

    records = read_manifest(Path(os.environ["WBC_DATA"]))
    photographed = {name for name in DOMAINS if not name.startswith("rendered")}
    assert {record.domain for record in records} == photographed
