"""Evidence: it is the gradient of the head's own log odds, field by field."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.scale import ScaleSource
from model.inference.evidence import evidence_fields, log_odds_gradient
from model.inference.predictor import Predictor, find_model
from model.network.head import Head
from wbc_desktop.paths import models_dir

HEAD = Head(
    weight=np.random.default_rng(1).normal(size=(5, 12)).astype(np.float32),
    bias=np.random.default_rng(2).normal(size=5).astype(np.float32),
    temperature=1.7,
    classes=("a", "b", "c", "d", "e"),
)


def features(seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((12, 4, 4), dtype=np.float32)


def log_odds(embedding: NDArray[np.float64], columns: list[int]) -> float:
    logits = (HEAD.weight.astype(np.float64) @ embedding + HEAD.bias) / HEAD.temperature
    probs = np.exp(logits) / np.exp(logits).sum()
    inside = probs[columns].sum()
    return float(np.log(inside / (1 - inside)))


@pytest.mark.parametrize("columns", [[0], [3], [1, 4]])
def test_the_direction_is_the_gradient_of_the_log_odds(columns: list[int]) -> None:
    embedding = features().mean(axis=(1, 2))
    found = log_odds_gradient(embedding, HEAD, columns)
    step = 1e-5
    for i in range(len(embedding)):
        nudge = np.zeros(12)
        nudge[i] = step
        slope = log_odds(embedding + nudge, columns) - log_odds(embedding - nudge, columns)
        assert found[i] == pytest.approx(slope / (2 * step), abs=1e-5)


@pytest.mark.parametrize("columns", [[2], [0, 1]])
def test_the_fields_add_up_to_gradient_times_embedding(columns: list[int]) -> None:
    maps = features(3)
    embedding = maps.mean(axis=(1, 2))
    found = evidence_fields(maps, HEAD, columns)
    assert found.shape == (4, 4)
    wanted = float(log_odds_gradient(embedding, HEAD, columns) @ embedding)
    assert float(found.sum()) == pytest.approx(wanted, rel=1e-4)


def test_what_all_classes_share_is_no_evidence() -> None:
    common = HEAD.weight + np.float32(3.0)
    shifted = Head(weight=common, bias=HEAD.bias, temperature=1.7, classes=HEAD.classes)
    found = evidence_fields(features(), shifted, [2])
    np.testing.assert_allclose(found, evidence_fields(features(), HEAD, [2]), atol=1e-5)


def test_two_classes_have_opposite_evidence() -> None:
    two = Head(weight=HEAD.weight[:2], bias=HEAD.bias[:2], temperature=1.0, classes=("a", "b"))
    ahead, behind = (evidence_fields(features(), two, [i]) for i in (0, 1))
    np.testing.assert_allclose(ahead, -behind, atol=1e-6)


@pytest.mark.parametrize("columns", [[], [0, 1, 2, 3, 4]])
def test_a_class_that_is_none_or_all_is_refused(columns: list[int]) -> None:
    with pytest.raises(ValueError, match="leaves"):
        evidence_fields(features(), HEAD, columns)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.open(find_model(models_dir()), engine="onnx", threads=1)


def disc(x: int, y: int) -> NDArray[np.uint8]:
    """A bright crop of 200 px with a violet disc of 50 px."""
    pixels = np.full((200, 200, 3), (235, 210, 220), dtype=np.uint8)
    rows, columns = np.mgrid[:200, :200]
    pixels[(rows - y) ** 2 + (columns - x) ** 2 < 25**2] = (100, 60, 150)
    return pixels


def test_the_window_is_where_the_network_looked(predictor: Predictor) -> None:
    fields, window = predictor.evidence(disc(100, 100), (0,), um_per_px=0.25)
    assert fields.shape == (4, 4)
    assert (window.x, window.y, window.side) == (100, 100, 100)
    assert window.source is ScaleSource.KNOWN
    _, window = predictor.evidence(disc(60, 140), (0,))
    assert window.source is ScaleSource.ESTIMATED
    assert (window.x, window.y) == pytest.approx((60, 140), abs=3)


def test_evidence_of_the_shipped_model_agrees_with_its_probabilities(predictor: Predictor) -> None:
    crop = disc(100, 100)
    leaf = int(predictor.predict([crop]).probs[0].argmax())
    fields, _ = predictor.evidence(crop, (leaf,))
    assert np.isfinite(fields).all()
    assert fields.max() > 0
