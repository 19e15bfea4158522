"""The size of crops: in pixels, in µm² where all have a scale, nan where a crop is missing."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.services.small_workspace import new_workspace
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.inference import crop_sizes
from wbc_desktop.services.inference.crop_sizes import crop_areas
from wbc_desktop.services.session.session import Session

Ids: TypeAlias = NDArray[np.int64]
SIDES = (40, 24, 60)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def import_crops(session: Session, folder: Path, scales: Sequence[float | None]) -> Ids:
    files = {f"s/{i}.png": drawn_crops.png(i, height=h, width=h) for i, h in enumerate(SIDES)}
    drawn_crops.write(folder, files)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("image", "patient", "slide", "um_per_px"))
        for i, um in enumerate(scales):
            rows.writerow((f"s/{i}.png", "P-1", "s", "" if um is None else um))
    plan = read_plan([folder / "manifest.csv"], options=ImportOptions())
    execute_plan(plan, session)
    return session.workspace.catalogue.index.load(TAXONOMY).cell_id


def test_without_scales_pixels_count(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crop_sizes, "_CELLS_AT_ONCE", 2)
    ids = import_crops(session, tmp_path / "P-1", (None, 0.1, None))
    assert crop_areas(session.workspace, ids).tolist() == [1600.0, 576.0, 3600.0]


def test_where_every_crop_has_a_scale_micrometres_count(session: Session, tmp_path: Path) -> None:
    ids = import_crops(session, tmp_path / "P-1", (0.1, 0.5, 0.05))
    areas = crop_areas(session.workspace, ids)
    np.testing.assert_allclose(areas, [16.0, 144.0, 9.0], rtol=1e-6)


def test_cells_that_are_not_asked_for_are_passed_over(session: Session, tmp_path: Path) -> None:
    ids = import_crops(session, tmp_path / "P-1", (None, None, None))
    wanted = np.array([ids[1], 10_000], np.int64)
    areas = crop_areas(session.workspace, wanted)
    assert areas[0] == 576.0
    assert np.isnan(areas[1])
