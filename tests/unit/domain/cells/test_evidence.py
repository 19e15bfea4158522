import numpy as np
import pytest

from wbc_desktop.domain.cells.evidence import Evidence


def evidence(fields: list[list[float]]) -> Evidence:
    return Evidence(
        class_id="monocyte",
        fields=np.array(fields, dtype=np.float32),
        x=50,
        y=50,
        side=100,
        model_id="m",
        model_sha256="ab",
    )


def test_the_strongest_field_is_hottest_at_its_middle() -> None:
    heat = evidence([[0, 0], [0, 4]]).heat()
    assert heat.dtype == np.float32
    assert heat.max() == pytest.approx(1)
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    side = len(heat)
    assert (row + 1) / side >= 0.75
    assert (column + 1) / side >= 0.75
    assert heat[: side // 4, : side // 4].max() == 0


def test_the_map_keeps_rows_and_columns_apart() -> None:
    heat = evidence([[0, 1], [0, 0]]).heat()
    assert heat[0, -1] == 1
    assert heat[-1, 0] == 0


def test_what_speaks_against_a_class_is_not_shown() -> None:
    heat = evidence([[-9, 1], [0.5, -1]]).heat()
    assert heat.min() == 0
    assert heat[0, 0] == 0


def test_no_evidence_is_told_apart_from_a_map() -> None:
    against = evidence([[-1, -2], [-3, -4]])
    assert not against.speaks_for
    assert not against.heat().any()
