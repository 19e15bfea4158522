"""ZIP archives: read in place, whatever their members are called."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.listing import crops, paths, problems, read_all
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources import open_source


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_members_are_read_as_they_are(tmp_path: Path) -> None:
    files = {"s1/a.png": drawn_crops.png(0), "s2/b.jpg": drawn_crops.jpeg(1)}
    source = open_source(packed(tmp_path / "P1.zip", files))
    assert source.name == "P1"
    assert read_all(source) == files


@pytest.mark.parametrize(
    ("members", "name", "expected"),
    [
        (["P7/s1/a.png", "P7/s2/b.png"], "P7", ["s1/a.png", "s2/b.png"]),
        (["export/a.png"], "export", ["a.png"]),
        (["slide 1/a.png"], "export", ["slide 1/a.png"]),
        (["s1/a.png", "s2/a.png"], "export", ["s1/a.png", "s2/a.png"]),
        (["P7/s1/a.png", "b.png"], "export", ["P7/s1/a.png", "b.png"]),
    ],
)
def test_a_folder_that_only_wraps_is_stripped(
    tmp_path: Path, members: list[str], name: str, expected: list[str]
) -> None:
    files = dict.fromkeys([*members, "__MACOSX/P7/._a.png"], b"data")
    source = open_source(packed(tmp_path / "export.zip", files))
    assert source.name == name
    assert paths(source) == expected


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/etc/evil.png", "C:/evil.png", "a/../../b.png"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    source = open_source(packed(tmp_path / "P1.zip", {name: b"", "a.png": b""}))
    assert paths(source) == ["a.png"]
    assert set(problems(source).values()) == {"its name leads out of the archive"}


def test_backslashes_are_folders(tmp_path: Path) -> None:
    path = packed(tmp_path / "P1.zip", {"s1/a.png": b"A", "s2/b.png": b"B"})
    path.write_bytes(path.read_bytes().replace(b"s1/a", b"s1\\a").replace(b"s2/b", b"s2\\b"))
    assert read_all(open_source(path)) == {"s1/a.png": b"A", "s2/b.png": b"B"}


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "P1.zip", {"a.png": b"A", "b.png": b"B"})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8 : entry + 10] = struct.pack("<H", 1)
    path.write_bytes(data)
    source = open_source(path)
    assert problems(source) == {"a.png": "it is encrypted"}
    assert paths(source) == ["b.png"]


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    path = packed(tmp_path / "P1.zip", {"a.png": drawn_crops.png(0), "b.png": drawn_crops.png(1)})
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)
    source = open_source(path)
    first, second = crops(source)
    with source.opened() as reader:
        with pytest.raises(UserError, match=r"a\.png"):
            reader.read(first)
        assert reader.read(second) == drawn_crops.png(1)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "P1.zip").write_bytes(b"PK, but only at the beginning")
    with pytest.raises(UserError, match="not a sound ZIP"):
        open_source(tmp_path / "P1.zip")


def test_a_manifest_at_the_top_is_followed(tmp_path: Path) -> None:
    files = {
        "manifest.csv": b"image_path,patient_id,label\nx/a.png,P9,SNE\n",
        "x/a.png": b"A",
        "x/b.png": b"B",
    }
    source = open_source(packed(tmp_path / "export.zip", files))
    (crop,) = crops(source)
    assert (crop.path, crop.patient, crop.label) == ("x/a.png", "P9", "SNE")
    assert read_all(source) == {"x/a.png": b"A"}


def test_an_array_file_inside_is_opened(tmp_path: Path) -> None:
    frames = np.stack([drawn_crops.pixels(seed) for seed in range(2)])
    with zipfile.ZipFile(tmp_path / "P1.zip", "w") as archive:
        with archive.open("bloodmnist.npz", "w") as member:
            np.savez_compressed(member, train_images=frames)
        archive.writestr("s1/a.png", b"A")
    found = paths(open_source(tmp_path / "P1.zip"))
    assert found == ["bloodmnist/train/000000.png", "bloodmnist/train/000001.png", "s1/a.png"]
