"""Scores at the depth of the labels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.crop_set import Record
from model.hierarchy import LEAVES
from model.training.evaluate import at_label_depth, evaluate, f1_per_class


def sure_of(leaves: list[str]) -> NDArray[np.float32]:
    return np.eye(len(LEAVES), dtype=np.float32)[[LEAVES.index(leaf) for leaf in leaves]]


def test_a_band_is_right_where_the_data_say_neutrophil_and_wrong_where_they_say_segmented() -> None:
    assert at_label_depth("neutrophil_band", "neutrophil", ["neutrophil"]) == "neutrophil"
    both = ["neutrophil_band", "neutrophil_segmented"]
    assert at_label_depth("neutrophil_band", "neutrophil_segmented", both) == "neutrophil_band"


def test_a_leaf_takes_the_sets_own_coarser_name() -> None:
    assert at_label_depth("neutrophil_band", "monocyte", ["monocyte", "neutrophil"]) == "neutrophil"
    assert at_label_depth("blast", "monocyte", ["monocyte", "neutrophil"]) == "blast"


def test_f1_counts_false_alarms_and_misses() -> None:
    scores = f1_per_class(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    assert scores == {"a": pytest.approx(2 / 3), "b": pytest.approx(0.8)}


def test_each_domain_is_scored_alone_and_foreign_leaves_are_counted() -> None:
    records = [
        Record("1", "bccd", "neutrophil"),
        Record("2", "bccd", "monocyte"),
        Record("3", "rendered", "blast"),
    ]
    metrics = evaluate(records, sure_of(["neutrophil_segmented", "plasma_cell", "blast"]))
    assert metrics["bccd"]["accuracy"] == 0.5
    assert metrics["bccd"]["foreign"] == 0.5
    assert metrics["bccd"]["macro_f1"] == 0.5
    assert metrics["rendered"]["macro_f1"] == 1.0
    assert metrics["rendered"]["ece"] == 0.0
    assert metrics["rendered"]["macro_f1_from_5"] is None  # of no class; JSON knows no NaN
