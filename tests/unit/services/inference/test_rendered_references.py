"""The rendered reference cells: of which classes, and the same every time."""

import pytest

from tests.unit.filled_workspace import TAXONOMY
from wbc_desktop.services.inference.rendered_references import (
    PER_CLASS,
    reference_classes,
    rendered_references,
)


def test_examples_of_a_parent_are_those_of_its_leaves() -> None:
    neutrophils = {"neutrophil", "neutrophil_segmented", "neutrophil_band"}
    assert set(reference_classes("neutrophil", TAXONOMY)) == neutrophils
    assert reference_classes("monocyte", TAXONOMY) == ("monocyte",)


def test_the_same_cells_are_rendered_every_time() -> None:
    first, again = (next(rendered_references("platelet", TAXONOMY)) for _ in range(2))
    assert first.label == "platelet"
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.um_per_px * first.pixels.shape[0] == pytest.approx(25)


def test_of_a_parent_every_leaf_is_rendered_and_of_unidentified_nothing() -> None:
    rendered = rendered_references("neutrophil", TAXONOMY)
    assert {next(rendered).label, next(rendered).label} == {
        "neutrophil_segmented",
        "neutrophil_band",
    }
    assert len([*rendered]) == PER_CLASS - 2
    assert [*rendered_references("unidentified", TAXONOMY)] == []
