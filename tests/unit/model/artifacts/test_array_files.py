"""Files of a model are whole, and say what is wrong with them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.array_files import read_arrays, write_arrays, write_atomically

ROOT = Path(__file__).parents[4]


def test_arrays_and_notes_come_back_as_they_went(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    transposed = np.arange(6, dtype=np.float16).reshape(2, 3).T
    write_arrays(path, {"a": transposed}, notes={"names": ["é", "b"], "n": 3})
    arrays, notes = read_arrays(path)
    np.testing.assert_array_equal(arrays["a"], transposed)
    assert arrays["a"].dtype == np.float16
    assert notes == {"names": ["é", "b"], "n": 3}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


def test_equal_content_gives_equal_bytes_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from model.artifacts.array_files import *\n"
        "write_arrays(Path(sys.argv[1]), {'a': np.ones(3), 'b': np.zeros((2, 2), np.uint8)},\n"
        "             notes={name: [name] for name in 'zeitwörh'})"
    )
    found = set()
    for number in range(3):
        path = tmp_path / f"{number}.safetensors"
        subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=True)
        found.add(path.read_bytes())
    assert len(found) == 1
    arrays, notes = read_arrays(tmp_path / "0.safetensors")
    assert notes == {name: [name] for name in "zeitwörh"}
    assert arrays["b"].shape == (2, 2)


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_atomically(path, b"old")
    (tmp_path / "x.json.partial").mkdir()  # the disk refuses
    with pytest.raises(OSError, match=r"x\.json\.partial"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("keep", [0, 7, 60, -1])
def test_a_cut_file_is_damaged(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_arrays(path, {"a": np.zeros(9)}, notes={"n": 3})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"x\.safetensors is damaged"):
        read_arrays(path)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "x.safetensors")
