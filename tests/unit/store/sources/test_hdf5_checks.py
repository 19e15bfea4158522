"""Array files that reach for other files, or for all memory, are refused before a byte is read."""

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.hostile_arrays import FRAME, HOSTILE_HDF5
from tests.unit.store.sources.listing import paths, problems
from wbc_desktop.store.sources import open_source


@pytest.mark.parametrize("kind", HOSTILE_HDF5)
def test_it_is_refused_with_its_reason_and_what_lies_beside_it_is_read(
    tmp_path: Path, kind: str
) -> None:
    write, reason = HOSTILE_HDF5[kind]
    write(tmp_path / "P9.h5")
    drawn_crops.write(tmp_path, {"P1/a.png": b"A"})
    source = open_source(tmp_path)
    assert paths(source) == ["P1/a.png"]
    assert reason in problems(source)["P9.h5"]


@pytest.mark.parametrize("kind", ["external storage", "virtual", "external link"])
def test_it_is_refused_inside_an_archive_too(tmp_path: Path, kind: str) -> None:
    write, reason = HOSTILE_HDF5[kind]
    write(tmp_path / "P9.h5")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "P9.h5", "P9.h5")
        archive.writestr("P1/a.png", drawn_crops.png(1))
    source = open_source(tmp_path / "all.zip")
    assert paths(source) == ["P1/a.png"]
    assert reason in problems(source)["P9.h5"]


def test_an_unknown_packing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with h5py.File(tmp_path / "P9.h5", "w") as file:
        file.create_dataset("images", data=FRAME[None], compression="lzf")
    drawn_crops.write(tmp_path, {"P1/a.png": b"A"})
    assert len(paths(open_source(tmp_path))) == 2
    with monkeypatch.context() as patch:
        patch.setattr(h5py.h5z, "filter_avail", lambda code: code != h5py.h5z.FILTER_LZF)
        assert "not known here (lzf)" in problems(open_source(tmp_path))["P9.h5"]


def test_a_sound_file_with_every_column_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "P9.h5", "w") as file:
        file.create_dataset("images", data=np.stack([FRAME, FRAME]), compression="gzip")
        file["label"] = np.array([b"SNE", b"EO"])
        file["patient_id"] = "P9"
        file["um_per_px"] = np.array([0.1, np.nan])
    assert len(paths(open_source(tmp_path))) == 2
