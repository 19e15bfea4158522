"""HDF5 files of crops."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.listing import crops, paths, problems, read_all
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.sources import open_source

FRAMES = np.stack([drawn_crops.pixels(seed) for seed in range(3)])


def hdf5(path: Path, *, attrs: dict[str, Any] | None = None, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values)
        for name, value in (attrs or {}).items():
            file.attrs[name] = value
    return path


def test_each_image_is_a_lossless_crop(tmp_path: Path) -> None:
    source = open_source(hdf5(tmp_path / "P5.h5", images=FRAMES))
    assert source.name == "P5"
    found = read_all(source)
    assert list(found) == ["000000.png", "000001.png", "000002.png"]
    for frame, data in zip(FRAMES, found.values(), strict=True):
        assert np.array_equal(decode(data, name="x"), frame)


def test_numbers_are_labels_by_the_class_names(tmp_path: Path) -> None:
    path = hdf5(
        tmp_path / "P5.h5",
        images=FRAMES,
        label=np.array([1, -1, 7]),
        attrs={"class_names": ["basophil", "monocyte"], "um_per_px": 0.1},
    )
    found = crops(open_source(path))
    assert [crop.label for crop in found] == ["monocyte", None, "7"]
    assert {crop.um_per_px for crop in found} == {0.1}


def test_labels_may_be_names(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "P5.h5", images=FRAMES, label=np.array([b"SNE", b"", b"EO"]))
    assert [crop.label for crop in crops(open_source(path))] == ["SNE", None, "EO"]


@pytest.mark.parametrize(
    ("arrays", "attrs", "reason"),
    [
        ({"pictures": FRAMES}, {}, "no array /images"),
        ({"images": FRAMES.astype(np.float32)}, {}, "must be uint8"),
        ({"images": FRAMES[..., 0]}, {}, "must be uint8"),
        ({"images": FRAMES[..., :2]}, {}, "must be uint8"),
        ({"images": FRAMES, "label": [1, 2]}, {}, "2 labels for 3 images"),
        ({"images": FRAMES}, {"um_per_px": -1.0}, "um_per_px"),
        ({"images": FRAMES}, {"um_per_px": "wide"}, "um_per_px"),
    ],
)
def test_another_layout_is_refused_with_its_reason(
    tmp_path: Path, arrays: dict[str, Any], attrs: dict[str, Any], reason: str
) -> None:
    path = hdf5(tmp_path / "P5.h5", attrs=attrs, **arrays)
    with pytest.raises(UserError, match=reason):
        list(open_source(path).entries())


def test_a_group_is_no_array(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "P5.h5", "w") as file:
        file.create_group("images")
    with pytest.raises(UserError, match="no array /images"):
        list(open_source(tmp_path / "P5.h5").entries())


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "P5.h5", images=FRAMES)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(UserError, match="HDF5"):
        list(open_source(path).entries())


def test_an_address_beyond_every_file_is_refused(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "P5.h5", images=FRAMES)
    data = bytearray(path.read_bytes())
    data[48] = 0  # of the driver block, which is nowhere: 2**64 - 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="not a sound HDF5"):
        list(open_source(path).entries())


def test_what_is_no_hdf5_is_refused(tmp_path: Path) -> None:
    (tmp_path / "P5.h5").write_bytes(b"no")
    with pytest.raises(UserError, match="not a sound HDF5"):
        list(open_source(tmp_path / "P5.h5").entries())


def test_in_a_folder_it_reads_like_a_folder_and_a_bad_one_stops_nothing(tmp_path: Path) -> None:
    hdf5(tmp_path / "slide 2.h5", images=FRAMES[:1])
    (tmp_path / "slide 3.h5").write_bytes(b"no")
    drawn_crops.write(tmp_path, {"slide 1/a.png": b"A"})
    source = open_source(tmp_path)
    assert paths(source) == ["slide 1/a.png", "slide 2/000000.png"]
    assert "not a sound HDF5" in problems(source)["slide 3.h5"]
    assert np.array_equal(decode(read_all(source)["slide 2/000000.png"], name="x"), FRAMES[0])
