"""Checkpoints of fine-tuning: whole, the job's own, or refused."""

from pathlib import Path

import pytest
import torch

from model.finetune.checkpoint import CHECKPOINT_FILE, CheckpointError, load_state, save_state


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    assert load_state(tmp_path / "new", job="a") is None
    save_state(tmp_path / "new", {"step": 3, "weight": torch.arange(4.0)}, job="a")
    state = load_state(tmp_path / "new", job="a")
    assert state is not None
    assert state["step"] == 3
    assert torch.equal(state["weight"], torch.arange(4.0))


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_flipped_byte_is_noticed(tmp_path: Path, place: int) -> None:
    save_state(tmp_path, {"weight": torch.arange(4.0)}, job="a")
    path = tmp_path / CHECKPOINT_FILE
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged|another training") as caught:
        load_state(tmp_path, job="a")
    assert str(path) in caught.value.detail
    assert "anew" in caught.value.advice


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_file_that_was_cut_short_is_noticed(tmp_path: Path, kept: int) -> None:
    save_state(tmp_path, {"weight": torch.arange(400.0)}, job="a")
    path = tmp_path / CHECKPOINT_FILE
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="is damaged"):
        load_state(tmp_path, job="a")


def test_another_jobs_state_is_not_taken_over(tmp_path: Path) -> None:
    save_state(tmp_path, {"step": 1}, job="a")
    with pytest.raises(CheckpointError, match="another training"):
        load_state(tmp_path, job="b")


def test_a_write_that_broke_off_leaves_the_state_before(tmp_path: Path) -> None:
    save_state(tmp_path, {"step": 1}, job="a")
    (tmp_path / f"{CHECKPOINT_FILE}.partial").write_bytes(b"half")
    state = load_state(tmp_path, job="a")
    assert state == {"step": 1}
