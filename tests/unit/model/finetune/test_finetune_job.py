"""A fine-tuning job from its folder to its result, broken off on the way, and refused."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.card import read_card, sha256_of
from model.artifacts.layered_model import ModelFiles
from model.artifacts.replay_memory import evaluation_part, load_replay
from model.finetune.cross_fitting import CHECKPOINT_FILE
from model.inference.predictor import Predictor
from model.jobs.job_files import CHECKPOINT_FOLDER
from model.jobs.paired_predictions import PairedPredictions
from model.jobs.run_job import CANCELLED, DONE, FAILED, run_job
from tests.unit.model.job_folders import MEMORY, result_of
from tests.unit.model.layered import BASE
from tests.unit.model.tuning_jobs import QUICK, site_cells, write_tuning_job

ROOT = Path(__file__).parents[4]
MADE = ("weights.safetensors", "onnx_weights.safetensors", "head.safetensors", "card.json")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # torch starts five times in one


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job that was run to its end without a break."""
    folder = write_tuning_job(tmp_path_factory.mktemp("jobs") / "0004-finetune")
    assert run_job(folder, base=BASE) == DONE
    return folder


def files_of(folder: Path) -> dict[str, str]:
    """The digests of what a job made."""
    made = {name: sha256_of(folder / "candidate" / name) for name in MADE}
    return made | {"judged": sha256_of(folder / "judged.safetensors")}


def command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "model", "job", str(folder), "--base", str(BASE)]


def lines_of(folder: Path) -> int:
    told = folder / "progress.jsonl"
    return len(told.read_bytes().splitlines()) if told.exists() else 0


def test_the_candidate_runs_on_both_engines_and_has_embeddings_of_its_own(done: Path) -> None:
    crops = site_cells()["crops"][:6]
    onnx, torch = (
        Predictor.open(done / "candidate", base=BASE, engine=name, device="cpu", threads=1)
        for name in ("onnx", "torch")
    )
    assert onnx.embedding_sha256 == onnx.model_sha256
    ours, theirs = (p.predict_prepared(crops, [1] * 6) for p in (onnx, torch))
    np.testing.assert_allclose(ours.logits, theirs.logits, atol=1e-3)
    shipped = Predictor.open(BASE, engine="onnx", threads=1).predict_prepared(crops, [1] * 6)
    assert np.abs(ours.embedding - shipped.embedding).max() > 1e-3
    ModelFiles.of(done / "candidate", base=BASE).verify_own()


def test_the_card_tells_what_was_done(done: Path) -> None:
    card = read_card(done / "candidate")
    assert (card["model_id"], card["kind"]) == ("wbc-robust-1+finetune-1", "finetune")
    assert card["finetune"]["steps"] == QUICK["steps"]
    assert card["trained_on"]["cells"] == 24
    assert any("fine-tuned to 24 cells" in limit for limit in card["limits"])
    assert not any("head was adapted" in limit for limit in card["limits"])


def test_it_brings_a_memory_that_fits_its_own_backbone(done: Path) -> None:
    memory = load_replay(done / "candidate", read_card(done / "candidate"))
    assert memory.counts() == MEMORY.counts()
    change = np.abs(memory.embedding.astype(np.float32) - MEMORY.embedding.astype(np.float32))
    assert 0.0 < change.mean() < 0.2 * np.abs(MEMORY.embedding.astype(np.float32)).mean()


def test_it_is_judged_by_cells_that_it_did_not_see(done: Path) -> None:
    judged = PairedPredictions.load(done / "judged.safetensors")
    assert judged.method == "cross_validation"
    assert judged.local_id.tolist() == site_cells()["cell_id"].tolist()
    assert np.isfinite(judged.local_new).all()
    np.testing.assert_allclose(judged.local_new.sum(axis=1), 1.0, rtol=1e-4)
    assert judged.domains[-1] == "rendered now"
    now = int((judged.base_domain == len(judged.domains) - 1).sum())
    assert now == 16 * QUICK["judged_per_class"]
    assert len(judged.base_label) - now == int(evaluation_part(MEMORY).sum())
    assert not np.array_equal(judged.base_shipped, judged.base_new)


def test_progress_runs_over_all_rounds_and_tells_scores(done: Path) -> None:
    told = [json.loads(line) for line in (done / "progress.jsonl").read_text().splitlines()]
    training = [line for line in told if line["phase"] == "training"]
    assert [line["step"] for line in training] == list(range(1, 13))
    assert {line["steps"] for line in training} == {12}
    assert all(line["loss"] > 0 and line["eta_s"] >= 0 for line in training)
    assert [line["macro_f1"] is None for line in training] == [False] * 8 + [True] * 4
    assert not (done / CHECKPOINT_FOLDER).exists()


def test_cells_that_are_held_out_never_train(done: Path, tmp_path: Path) -> None:
    """Their labels may say anything: the network that is made stays the same."""
    arrays = site_cells()
    held = (arrays["group"] == 0).astype(np.uint8)
    label = np.where(held == 1, (arrays["label"] + 1) % 4, arrays["label"])
    made = []
    for name, labels in (("right", arrays["label"]), ("wrong", label)):
        folder = write_tuning_job(tmp_path / name, holdout=held, label=labels)
        assert run_job(folder, base=BASE) == DONE
        made.append(sha256_of(folder / "candidate" / "weights.safetensors"))
    assert made[0] == made[1] != sha256_of(done / "candidate" / "weights.safetensors")


def killed_after(lines: int, folder: Path) -> None:
    """Run a job in a process of its own, and kill it once it has told so many lines more."""
    already = lines_of(folder)
    process = subprocess.Popen(command(folder), cwd=ROOT, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        if lines_of(folder) >= already + lines:
            process.kill()
        time.sleep(0.002)  # between two looks at the file, which nothing announces
    assert process.returncode < 0
    assert not (folder / "result.json").exists()


def test_a_job_that_was_killed_goes_on_to_the_same_model(done: Path, tmp_path: Path) -> None:
    folder = write_tuning_job(tmp_path / "0004-finetune")
    killed_after(4, folder)
    assert run_job(folder, base=BASE) == DONE
    assert files_of(folder) == files_of(done)


@pytest.mark.long
def test_a_job_killed_at_any_point_goes_on_to_the_same_model(done: Path, tmp_path: Path) -> None:
    folder = write_tuning_job(tmp_path / "0004-finetune")
    for lines in (3, 4, 3):
        killed_after(lines, folder)
    subprocess.run(command(folder), cwd=ROOT, check=True)
    assert files_of(folder) == files_of(done)


def test_a_cancelled_job_ends_and_keeps_its_checkpoint(tmp_path: Path) -> None:
    folder = write_tuning_job(tmp_path / "0004-finetune")
    process = subprocess.Popen(command(folder), cwd=ROOT, stderr=subprocess.DEVNULL)
    while lines_of(folder) < 3 and process.poll() is None:
        time.sleep(0.01)
    (folder / "cancelled").touch()
    assert process.wait(timeout=200) == CANCELLED
    assert not (folder / "result.json").exists()
    assert (folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE).exists()


def test_a_damaged_checkpoint_is_refused_in_plain_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_tuning_job(tmp_path / "0004-finetune")
    (folder / CHECKPOINT_FOLDER).mkdir()
    (folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE).write_bytes(b"\x80\x02nonsense")
    assert run_job(folder, base=BASE) == FAILED
    result = result_of(folder)
    assert not result["ok"]
    assert result["title"] == "The training cannot go on"
    assert str(folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE) in result["detail"]
    assert "Start the training anew" in result["advice"]
    assert "damaged" in capfd.readouterr().err
    assert not (folder / "candidate").exists()


def test_settings_and_cells_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    odd = write_tuning_job(tmp_path / "odd", settings={"folds": 1})
    assert run_job(odd, base=BASE) == FAILED
    assert "folds must be at least 2" in result_of(odd)["detail"]
    one = np.zeros(24, np.int64)
    single = write_tuning_job(tmp_path / "single", label=one)
    assert run_job(single, base=BASE) == FAILED
    assert "one class" in result_of(single)["detail"]


def test_a_tuned_champion_can_be_judged_against(done: Path, tmp_path: Path) -> None:
    champion = tmp_path / "models" / "tuned"
    shutil.copytree(done / "candidate", champion)
    files = ModelFiles.of(champion, base=BASE)
    name = {"model_id": files.card["model_id"], "model_sha256": files.model_sha256}
    folder = write_tuning_job(tmp_path / "0005-finetune", champion=name)
    assert run_job(folder, base=BASE, active=champion) == DONE
    judged, before = (PairedPredictions.load(f / "judged.safetensors") for f in (folder, done))
    np.testing.assert_array_equal(judged.base_shipped, before.base_shipped)
    np.testing.assert_array_equal(judged.base_new, before.base_new)
