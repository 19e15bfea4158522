"""A job from its folder to its result, in this process and killed in one of its own."""

import errno
import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.artifacts.array_files import write_arrays
from model.artifacts.card import (
    ModelFileError,
    model_sha256,
    read_card,
    render_card,
    sha256_of,
    write_json,
)
from model.artifacts.layered_model import ModelFiles
from model.inference.predictor import Predictor
from model.jobs.paired_predictions import PairedPredictions
from model.jobs.run_job import BUSY, CANCELLED, DONE, FAILED, HALTED, lock, run_job
from tests.unit.model.job_folders import foreign_cells, result_of, write_job
from tests.unit.model.layered import BASE, write_adapted

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job that was run to its end."""
    folder = write_job(tmp_path_factory.mktemp("jobs") / "0001-adapt")
    assert run_job(folder, base=BASE) == DONE
    return folder


def files_of(folder: Path) -> dict[str, str]:
    """The digest of what a job made."""
    names = ("candidate/head.safetensors", "candidate/card.json", "judged.safetensors")
    return {name: sha256_of(folder / name) for name in names}


def test_a_job_makes_a_model_that_can_be_opened_and_tells_where_it_comes_from(done: Path) -> None:
    assert result_of(done)["ok"] is True
    made = Predictor.open(done / "candidate", base=BASE, engine="onnx", threads=1)
    assert made.model_id == "wbc-robust-1+adapt-1"
    assert made.embedding_sha256 == model_sha256(read_card(BASE))
    told = made.card["trained_on"]
    assert (told["event"], told["cells"], told["sites"]) == (41, 48, ["Foreign"])
    assert told["per_class"]["monocyte"] == 12
    assert told["data_sha256"] == sha256_of(done / "cells.safetensors")
    assert "Research use only" in made.card["intended_use"]
    assert any("48 cells" in limit for limit in made.card["limits"])
    ModelFiles.of(done / "candidate", base=BASE).verify_own()


def test_its_card_is_rendered_with_old_and_new_scores_side_by_side(done: Path) -> None:
    card = read_card(done / "candidate")
    text = render_card(card)
    assert "Made at a site from 48 cells" in text
    old, new = (card["metrics"][part]["local: Foreign"]["macro_f1"] for part in ("before", "test"))
    assert f"| local: Foreign | 48 | {new} | {old} |" in text
    assert "Test split" not in text


def test_the_candidate_is_better_on_cells_it_did_not_see_and_the_arrays_show_it(done: Path) -> None:
    judged = PairedPredictions.load(done / "judged.safetensors")
    assert judged.method == "cross_validation"
    assert judged.local_id.tolist() == list(range(100, 148))
    leaves = [judged.classes.index(judged.labels[row]) for row in judged.local_label]
    old, new = (
        np.mean(probs.argmax(axis=1) == leaves) for probs in (judged.local_old, judged.local_new)
    )
    assert new > old + 0.05
    assert judged.base_shipped.shape == judged.base_new.shape
    assert len(judged.base_label) > 500
    np.testing.assert_allclose(judged.local_new.sum(axis=1), 1.0, rtol=1e-4)


def test_progress_is_told_line_by_line_to_the_last_step(done: Path) -> None:
    lines = [json.loads(line) for line in (done / "progress.jsonl").read_text().splitlines()]
    assert [line["phase"] for line in lines[:2]] == ["reading", "fitting"]
    steps = [line["step"] for line in lines]
    assert steps == sorted(steps)
    assert lines[-1]["step"] == lines[-1]["steps"]


def test_a_job_with_a_result_is_not_run_again(done: Path) -> None:
    before = files_of(done), (done / "progress.jsonl").read_text()
    assert run_job(done, base=BASE) == DONE
    assert (files_of(done), (done / "progress.jsonl").read_text()) == before


@pytest.mark.slow
def test_a_job_killed_at_any_point_starts_anew_and_gives_the_same_model(
    done: Path, tmp_path: Path
) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    command = [sys.executable, "-m", "model", "job", str(folder), "--base", str(BASE)]
    killed = 0
    for lines in (0, 2, 5):
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        told = folder / "progress.jsonl"
        already = len(told.read_bytes().splitlines()) if told.exists() else 0
        while process.poll() is None:
            count = len(told.read_bytes().splitlines()) if told.exists() else 0
            if count >= already + lines:
                process.kill()
            time.sleep(0.002)  # between two looks at the file, which nothing announces
        killed += process.returncode < 0
        assert not (folder / "result.json").exists()
        assert not (folder / "candidate").exists()
    assert killed == 3
    subprocess.run(command, cwd=ROOT, check=True)
    assert files_of(folder) == files_of(done)


@pytest.mark.slow
def test_a_job_says_so_while_another_process_works_on_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    with lock(folder / "lock"):
        assert run_job(folder, base=BASE) == BUSY
    assert "another process" in capfd.readouterr().err
    assert not (folder / "result.json").exists()


def test_a_cancelled_job_ends_without_a_result(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    (folder / "cancelled").touch()
    assert run_job(folder, base=BASE) == CANCELLED
    assert not (folder / "result.json").exists()
    assert not (folder / "candidate").exists()


def test_a_paused_job_waits_and_goes_on(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    (folder / "pause").touch()
    codes: list[int] = []
    worker = threading.Thread(target=lambda: codes.append(run_job(folder, base=BASE)))
    worker.start()
    worker.join(timeout=1.2)  # it must not end of itself
    assert worker.is_alive()
    assert not (folder / "progress.jsonl").exists()
    (folder / "pause").unlink()
    worker.join(timeout=120)
    assert codes == [DONE]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": np.zeros(48, np.int64)}, "only cells of one class, lymphocyte"),
        ({"holdout": np.ones(48, np.uint8)}, "no labelled cells"),
        ({"group": np.zeros(48, np.int64)}, "one group"),
        ({"embedding": np.zeros((48, 7), np.float16)}, "7 numbers, not 1280"),
        ({"embedding": np.full((48, 1280), np.nan, np.float16)}, "no row of numbers"),
        ({"label": np.full(48, 9)}, "does not list"),
        ({"weight": np.zeros(48)}, "a weight"),
        ({"cell_id": np.zeros(48, np.int64)}, "twice"),
        ({"group": np.zeros(40, np.int64)}, "differ in length"),
        ({"data_sha256": "0" * 64}, "not the file"),
        ({"base": {"model_id": "x", "model_sha256": "0" * 64}}, "made with x"),
        ({"champion": {"model_id": "y", "model_sha256": "0" * 64}}, "made with y"),
        ({"kind": "paint"}, "'paint'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    folder = write_job(tmp_path / "0001-adapt", **changes)
    assert run_job(folder, base=BASE) == FAILED
    result = result_of(folder)
    assert result["ok"] is False
    assert words in result["detail"]
    assert result["title"]
    assert result["advice"]
    assert not (folder / "candidate").exists()
    assert not (folder / "candidate.partial").exists()


@pytest.mark.parametrize("damage", [b"", b"{}", b"x" * 500])
def test_damaged_cells_are_refused(damage: bytes, tmp_path: Path) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    (folder / "cells.safetensors").write_bytes(damage)
    assert run_job(folder, base=BASE) == FAILED
    assert "cells.safetensors" in result_of(folder)["detail"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}'])
def test_a_folder_that_holds_no_job_is_refused(
    text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_job(tmp_path / "0001-adapt")
    (folder / "job.json").write_text(text)
    assert run_job(folder, base=BASE) == FAILED
    assert "job.json" in capfd.readouterr().err
    assert run_job(tmp_path / "none", base=BASE) == FAILED


def test_a_disk_that_refuses_leaves_the_job_unfinished_to_go_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_job(tmp_path / "0001-adapt", n=12)
    (folder / "progress.jsonl").mkdir()
    assert run_job(folder, base=BASE) == HALTED
    assert "cannot be written to" in capfd.readouterr().err
    assert not (folder / "result.json").exists()


class FullDisk(io.StringIO):
    """The log of a job on a disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", ["progress.jsonl", "result.json.partial"])
def test_a_log_that_cannot_be_written_changes_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_job(tmp_path / "0001-adapt", n=12, kind="paint")
    if name == "progress.jsonl":
        folder = write_job(tmp_path / "0002-adapt", n=12)
    (folder / name).mkdir()
    monkeypatch.setattr(sys, "stderr", FullDisk())
    assert run_job(folder, base=BASE) == HALTED
    assert not (folder / "result.json").exists()


def test_a_base_that_cannot_be_adapted_is_refused(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for path in BASE.iterdir():
        if path.name != "replay.safetensors":
            (base / path.name).symlink_to(path)
    folder = write_job(tmp_path / "0001-adapt")
    assert run_job(folder, base=base) == FAILED
    assert "replay.safetensors" in result_of(folder)["detail"]


def test_an_adapted_champion_is_judged_on_cells_as_if_it_had_not_seen_them(
    done: Path, tmp_path: Path
) -> None:
    champion = done / "candidate"
    name = {"model_id": "c", "model_sha256": model_sha256(read_card(champion))}
    cells = foreign_cells(48)
    seen = write_job(tmp_path / "a", champion=name, seen_by_champion=np.ones(48, np.uint8))
    fresh = write_job(tmp_path / "b", champion=name)
    for folder in (seen, fresh):
        assert run_job(folder, base=BASE, active=champion) == DONE
    unseen, known = (
        PairedPredictions.load(folder / "judged.safetensors") for folder in (seen, fresh)
    )
    # Refitted without each fold, the champion says what the candidate of the same cells says.
    np.testing.assert_allclose(unseen.local_old, unseen.local_new, atol=1e-5)
    opened = Predictor.open(champion, base=BASE, engine="onnx", threads=1)
    embedding = cells["embedding"].astype(np.float32)
    own = opened.predict_embedded(
        embedding, appearance=np.zeros((48, 0), np.float32), scale_source=[0] * 48
    )
    np.testing.assert_allclose(known.local_old, own.probs, atol=1e-5)
    assert np.abs(known.local_old - known.local_new).max() > 0.05


def test_forgetting_is_measured_against_the_shipped_model_whatever_is_in_use(
    done: Path, tmp_path: Path
) -> None:
    champion = done / "candidate"
    name = {"model_id": "c", "model_sha256": model_sha256(read_card(champion))}
    folder = write_job(tmp_path / "0002-adapt", n=24, champion=name)
    assert run_job(folder, base=BASE, active=champion) == DONE
    first, second = (PairedPredictions.load(job / "judged.safetensors") for job in (done, folder))
    np.testing.assert_array_equal(second.base_shipped, first.base_shipped)
    assert np.abs(second.base_shipped - first.base_new).max() > 0.05  # that one is in use


def test_a_candidate_made_worse_shows_in_the_cells_held_out(tmp_path: Path) -> None:
    cells = foreign_cells(80, lean=0.0)
    held_out = np.arange(80) >= 60
    wrong = np.where(held_out, cells["label"], (cells["label"] + 1) % 4)
    folder = write_job(
        tmp_path / "0001-adapt", n=80, lean=0.0, label=wrong, holdout=held_out.astype(np.uint8)
    )
    assert run_job(folder, base=BASE) == DONE
    judged = PairedPredictions.load(folder / "judged.safetensors")
    assert judged.method == "holdout"
    assert judged.local_id.tolist() == list(range(160, 180))
    truth = [judged.classes.index(judged.labels[row]) for row in judged.local_label]
    old, new = (
        float(np.mean(probs.argmax(axis=1) == truth))
        for probs in (judged.local_old, judged.local_new)
    )
    assert new < old - 0.2
    assert read_card(folder / "candidate")["trained_on"]["cells"] == 60


def test_a_fine_tuned_champion_without_its_embeddings_is_refused(tmp_path: Path) -> None:
    champion = write_adapted(tmp_path / "champion")
    write_arrays(champion / "onnx_weights.safetensors", {"x": np.zeros(1)}, notes={})
    card = json.loads((champion / "card.json").read_text())
    card["files"]["onnx_weights.safetensors"] = sha256_of(champion / "onnx_weights.safetensors")
    write_json(champion / "card.json", card)
    name = {"model_id": "c", "model_sha256": model_sha256(card)}
    folder = write_job(tmp_path / "0001-adapt", champion=name)
    assert run_job(folder, base=BASE, active=champion) == FAILED
    assert "fine-tuned" in result_of(folder)["detail"]
    own = np.zeros((48, 1280), np.float16)
    again = write_job(tmp_path / "0002-adapt", champion=name, champion_embedding=own)
    assert run_job(again, base=BASE, active=champion) == DONE


def test_a_leaf_taught_by_real_cells_is_no_longer_known_from_rendered_ones_only(
    done: Path, tmp_path: Path
) -> None:
    labels = ("plasma_cell", "monocyte", "eosinophil", "neutrophil_segmented")
    folder = write_job(tmp_path / "0001-adapt", n=40, labels=labels)
    assert run_job(folder, base=BASE) == DONE
    before = read_card(BASE)["rendered_only"]
    assert read_card(done / "candidate")["rendered_only"] == before
    left = [leaf for leaf in before if leaf != "plasma_cell"]
    assert read_card(folder / "candidate")["rendered_only"] == left


def test_adapting_imports_no_torch(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "0001-adapt", n=12)
    program = (
        "import sys; from pathlib import Path; from model.jobs.run_job import run_job\n"
        "code = run_job(Path(sys.argv[1]), base=Path(sys.argv[2]))\n"
        "sys.exit(code or ', '.join({'torch', 'timm', 'onnxruntime'} & set(sys.modules)) or 0)"
    )
    command = [sys.executable, "-c", program, str(folder), str(BASE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_damaged_candidate_is_refused(done: Path, tmp_path: Path) -> None:
    copy = tmp_path / "candidate"
    copy.mkdir()
    for path in (done / "candidate").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    content = bytearray((copy / "head.safetensors").read_bytes())
    content[-5] ^= 1
    (copy / "head.safetensors").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"head\.safetensors"):
        Predictor.open(copy, base=BASE)
