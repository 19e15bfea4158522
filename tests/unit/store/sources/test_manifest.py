"""CSV manifests."""

from pathlib import Path

import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.listing import crops, problems, read_all
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources import open_source


def manifest(root: Path, text: str) -> Path:
    path = root / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_names_crops_patients_slides_labels_and_scales(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path, {"x/a.png": b"A", "b.png": b"B", "not named.png": b""})
    source = open_source(
        manifest(
            tmp_path,
            "image_path,patient_id,slide_id,label,um_per_px\n"
            "x/a.png,P1,S1,SNE,0.1\n"
            "b.png,'-P2,,,\n",
        )
    )
    first, second = sorted(crops(source), key=lambda crop: crop.path, reverse=True)
    facts = (first.patient, first.slide, first.label, first.um_per_px)
    assert facts == ("P1", "S1", "SNE", 0.1)
    facts = (second.patient, second.slide, second.label, second.um_per_px)
    assert facts == ("-P2", None, None, None)
    assert read_all(source) == {"x/a.png": b"A", "b.png": b"B"}


def test_each_line_that_leads_nowhere_is_a_problem_of_its_own(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path / "in", {"a.png": b"A", "b.png": b"B"})
    drawn_crops.write(tmp_path, {"outside.png": b""})
    source = open_source(
        manifest(
            tmp_path / "in",
            "image_path;um_per_px\na.png;\ngone.png;\n../outside.png;\n"
            f"{(tmp_path / 'outside.png').as_posix()};\na.png;\nb.png;wide\n",
        )
    )
    assert [crop.path for crop in crops(source)] == ["a.png"]
    assert list(problems(source).values()) == [
        "line 3: there is no such file",
        "line 4: it lies outside the folder of the CSV",
        "line 5: it lies outside the folder of the CSV",
        "line 6: it was named before",
        "line 7: um_per_px is not a number above 0",
    ]


def test_without_a_path_column_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no column image_path"):
        list(open_source(manifest(tmp_path, "patient,label\nP1,SNE\n")).entries())
