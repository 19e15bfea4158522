"""Scores on an unseen domain: parents summed, nothing masked, rare classes left out."""

from collections import Counter

import numpy as np
import pytest

from model.benchmark.scores import at_depth_of, in_words_of, score
from model.hierarchy import LEAVES

FOUR = ("neutrophil", "eosinophil", "lymphocyte", "monocyte")


def sure(*leaves: str) -> np.ndarray:
    probs = np.full((len(leaves), len(LEAVES)), 0.01, np.float32)
    for row, leaf in enumerate(leaves):
        probs[row, LEAVES.index(leaf)] = 0.85
    return probs


def test_a_parent_is_the_sum_of_its_leaves_and_other_leaves_stay() -> None:
    names, summed = at_depth_of(sure("neutrophil_band"), FOUR)
    assert names[:4] == list(FOUR)
    assert "erythroblast" in names
    assert "neutrophil_band" not in names
    assert summed[0, 0] == pytest.approx(0.86)
    assert summed.sum() == pytest.approx(1.0)


def test_labels_are_told_in_the_words_of_the_protocol() -> None:
    assert in_words_of("neutrophil_band", FOUR) == "neutrophil"
    assert in_words_of("monocyte", FOUR) == "monocyte"
    assert in_words_of("blast", FOUR) is None


def test_a_class_outside_the_protocol_is_an_error_and_is_never_masked() -> None:
    labels = ["monocyte"] * 20 + ["lymphocyte"] * 20 + ["blast"] * 5
    guesses = ["monocyte"] * 20 + ["erythroblast"] * 10 + ["lymphocyte"] * 10 + ["blast"] * 5
    result = score(sure(*guesses), labels, FOUR, trained=Counter(monocyte=300, lymphocyte=10))
    assert result["n"] == 40
    assert result["f1"] == {"lymphocyte": pytest.approx(2 / 3, abs=1e-4), "monocyte": 1.0}
    assert result["macro_f1"] == pytest.approx(5 / 6, abs=1e-4)
    assert result["worst_class"] == "lymphocyte"
    assert result["balanced_accuracy"] == pytest.approx(0.75)
    assert result["by_count"] == {"many": 1.0, "few": pytest.approx(2 / 3, abs=1e-4)}
    low, high = result["interval"]
    assert low < result["macro_f1"] < high


def test_crops_of_other_classes_count_where_they_are_drawn_in() -> None:
    labels = ["monocyte"] * 20 + ["lymphocyte"] * 20 + ["blast"] * 10
    guesses = ["monocyte"] * 20 + ["lymphocyte"] * 20 + ["monocyte"] * 10
    result = score(sure(*guesses), labels, FOUR, trained=Counter())
    assert result["macro_f1"] == 1.0
    assert result["macro_f1_all_cells"] == pytest.approx((1.0 + 40 / 50) / 2)


def test_a_class_of_fewer_than_twenty_crops_is_not_scored() -> None:
    labels = ["monocyte"] * 20 + ["eosinophil"] * 19
    result = score(sure(*labels), labels, FOUR, trained=Counter())
    assert list(result["f1"]) == ["monocyte"]
