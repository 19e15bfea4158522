"""Checkpoints: whole, the run's own, or refused."""

from pathlib import Path

import pytest
import torch

from model.training.checkpoint import CheckpointError, load_checkpoint, save_checkpoint


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.pt"
    assert load_checkpoint(path, run="a") is None
    save_checkpoint(path, {"step": 3, "weight": torch.arange(4.0)}, run="a")
    state = load_checkpoint(path, run="a")
    assert state is not None
    assert state["step"] == 3
    assert torch.equal(state["weight"], torch.arange(4.0))


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_flipped_byte_is_noticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"weight": torch.arange(4.0)}, run="a")
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged|another training") as caught:
        load_checkpoint(path, run="a")
    assert str(path) in caught.value.detail
    assert "anew" in str(caught.value)


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_file_that_was_cut_short_is_noticed(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"weight": torch.arange(400.0)}, run="a")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="is damaged"):
        load_checkpoint(path, run="a")


def test_another_runs_state_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"step": 1}, run="a")
    with pytest.raises(CheckpointError, match="another training"):
        load_checkpoint(path, run="b")


def test_a_write_that_broke_off_leaves_the_state_before(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"step": 1}, run="a")
    (tmp_path / "state.pt.partial").write_bytes(b"half")
    assert load_checkpoint(path, run="a") == {"step": 1}
