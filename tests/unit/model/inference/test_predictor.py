"""The predictor on the shipped weights."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifacts.card import ModelFileError
from model.data.appearance import STATISTICS
from model.data.scale import INPUT_SIZE, ScaleSource
from model.hierarchy import LEAVES
from model.inference.predictor import Predictor, find_model, preprocess
from model.rendering.ood_negatives import ood_negatives

MODELS = Path(__file__).parents[4] / "resources" / "models"


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.open(find_model(MODELS), engine="onnx", threads=1)


def random_crops(sizes: list[tuple[int, int]]) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(9)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def test_crops_of_any_size_give_one_row_each_in_order(predictor: Predictor) -> None:
    crops = random_crops([(90, 120), (363, 360), (64, 64)])
    batch = predictor.predict(crops, um_per_px=[None, 0.1, None])
    assert batch.logits.shape == batch.probs.shape == (3, len(LEAVES))
    assert batch.embedding.shape == (3, 1280)
    assert batch.scale_source.dtype == np.uint8
    assert batch.scale_source[1] == ScaleSource.KNOWN
    np.testing.assert_allclose(batch.probs.sum(axis=1), 1.0, rtol=1e-5)
    assert batch.pred_set.shape == batch.probs.shape
    assert batch.pred_set[range(3), batch.probs.argmax(axis=1)].all()
    assert batch.ood_score.shape == (3,)
    assert batch.appearance.shape == (3, len(STATISTICS))
    alone = predictor.predict(crops[1:2], um_per_px=0.1)
    np.testing.assert_allclose(alone.logits[0], batch.logits[1], atol=1e-3)


def test_prepared_crops_give_what_crops_give(predictor: Predictor) -> None:
    crops = random_crops([(100, 100), (150, 140)])
    prepared = [preprocess(crop) for crop in crops]
    direct = predictor.predict(crops)
    batch = predictor.predict_prepared(
        np.stack([crop for crop, _ in prepared]), [source for _, source in prepared]
    )
    np.testing.assert_array_equal(batch.logits, direct.logits)
    np.testing.assert_array_equal(batch.scale_source, direct.scale_source)


def test_no_crops_give_no_rows(predictor: Predictor) -> None:
    batch = predictor.predict([])
    assert batch.probs.shape == (0, len(predictor.classes))
    assert batch.scale_source.shape == batch.ood_score.shape == (0,)
    assert batch.pred_set.shape == batch.probs.shape
    assert batch.appearance.shape == (0, len(STATISTICS))
    assert predictor.assess_slide(batch.appearance, batch.ood_score) is None
    assert predictor.expected_shares(batch.probs).sum() == pytest.approx(1.0)


def test_more_crops_than_one_chunk_keep_their_order(predictor: Predictor) -> None:
    crops = np.stack(random_crops([(INPUT_SIZE, INPUT_SIZE)] * 3))
    many = np.concatenate([crops] * 30)  # 90 crops
    batch = predictor.predict_prepared(many, [0] * 90)
    np.testing.assert_allclose(batch.logits[87:], batch.logits[:3], atol=1e-3)


def test_crops_without_a_cell_lie_far_and_a_slide_of_them_alarms(predictor: Predictor) -> None:
    crops, _ = ood_negatives(6, seed=8)
    batch = predictor.predict_prepared(crops, [0] * len(crops))
    assert np.median(batch.ood_score) > 0.95
    shift = predictor.assess_slide(batch.appearance, batch.ood_score)
    assert shift is not None
    assert shift.alarm
    assert shift.n == len(crops)
    shares = predictor.expected_shares(batch.probs)
    assert shares.shape == (len(predictor.classes),)
    assert shares.sum() == pytest.approx(1.0)


def test_a_wrong_number_of_scales_is_refused(predictor: Predictor) -> None:
    with pytest.raises(ValueError, match="2 crops but 1 scales"):
        predictor.predict(random_crops([(50, 50)] * 2), um_per_px=[0.1])


def test_both_engines_give_the_same_logits(predictor: Predictor) -> None:
    torch_predictor = Predictor.open(find_model(MODELS), engine="torch", device="cpu", threads=1)
    crops = random_crops([(INPUT_SIZE, INPUT_SIZE)] * 8)
    ours, theirs = predictor.predict(crops), torch_predictor.predict(crops)
    assert np.abs(ours.logits - theirs.logits).max() < 1e-3
    assert torch_predictor.model_sha256 == predictor.model_sha256
    feature_map = predictor.feature_map(crops[0])
    assert feature_map.shape == (1280, 4, 4)
    np.testing.assert_allclose(feature_map, torch_predictor.feature_map(crops[0]), atol=2e-3)


def test_an_embedding_is_the_mean_of_its_feature_map(predictor: Predictor) -> None:
    crop = random_crops([(200, 200)])[0]
    mean = predictor.feature_map(crop).mean(axis=(1, 2))
    np.testing.assert_allclose(mean, predictor.predict([crop]).embedding[0], atol=1e-4)


def test_classifying_on_a_cpu_imports_no_torch() -> None:
    program = """
import sys
from pathlib import Path
import numpy as np
import model.inference.engines
model.inference.engines.accelerator_driver_present = lambda: False  # wherever this test runs
from model.inference.predictor import Predictor, find_model
predictor = Predictor.open(find_model(Path(sys.argv[1])))
predictor.predict([np.zeros((80, 80, 3), dtype=np.uint8)])
heavy = {"torch", "torchvision", "timm", "scipy"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(MODELS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=MODELS.parents[2],
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_classifying_reports_nothing_to_anybody(tmp_path: Path) -> None:
    # Where the runtime's telemetry is on, it keeps a device id and a queue of reports at home.
    program = (
        "import sys, numpy, pathlib; from model.inference.predictor import Predictor, find_model\n"
        "predictor = Predictor.open(find_model(pathlib.Path(sys.argv[1])), engine='onnx')\n"
        "predictor.predict([numpy.zeros((64, 64, 3), numpy.uint8)])\n"
    )
    home = {"HOME": str(tmp_path), "PYTHONPATH": str(MODELS.parents[2])}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    kept.pop("ORT_DISABLE_TELEMETRY", None)
    command = [sys.executable, "-c", program, str(MODELS)]
    subprocess.run(command, env={**kept, **home}, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_must_hold_exactly_one_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="none"):
        find_model(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text("{}")
    with pytest.raises(ModelFileError, match="one, two"):
        find_model(tmp_path)
