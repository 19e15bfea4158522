"""The validation split with its second views."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.data.crop_set import Record, load_evaluation_set
from model.hierarchy import LEAVES
from model.network.head import Head
from model.uncertainty.calibration_set import collect_calibration_set
from tests.unit.model.data.test_appearance import drawn_cell


def channel_means(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    means: NDArray[np.float32] = crops.mean(axis=(1, 2)).astype(np.float32)
    return means


def test_cells_of_known_scale_come_twice_and_count_once(tmp_path: Path) -> None:
    records = [
        Record("a.png", "barcelona_pbc", "monocyte"),
        Record("b.png", "bccd", "neutrophil"),
        Record("c.png", "barcelona_pbc", "basophil"),
    ]
    for record, diameter in zip(records, (30.0, 40.0, 50.0), strict=True):
        cell = Image.fromarray(drawn_cell(diameter=diameter)).resize((360, 360))
        cell.save(tmp_path / record.path)
    head = Head(
        np.ones((len(LEAVES), 3), np.float32), np.zeros(len(LEAVES), np.float32), 1.0, LEAVES
    )
    cells = collect_calibration_set(
        load_evaluation_set(records, tmp_path),
        tmp_path,
        embed=channel_means,
        head=head,
        weights=np.array([0.5, 0.3, 0.2]),
    )
    twin = "barcelona_pbc, known scale"
    assert cells.sites == ("barcelona_pbc", "bccd", "barcelona_pbc", twin, twin)
    assert cells.labels == ("monocyte", "neutrophil", "basophil", "monocyte", "basophil")
    assert cells.weights.tolist() == [0.5, 0.3, 0.2, 0.0, 0.0]
    assert (cells.crops[0] != cells.crops[3]).any()
    np.testing.assert_array_equal(cells.embedding, channel_means(cells.crops))
    np.testing.assert_array_equal(cells.logits, head.logits(cells.embedding))
