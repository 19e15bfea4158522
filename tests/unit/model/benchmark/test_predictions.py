"""Figures beside the score: fitted on sources alone, the case mix in its place."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from model.benchmark.methods import METHODS, Method
from model.benchmark.predictions import (
    aligned_cells,
    cells_of,
    draw_ood_cells,
    embedded_cells,
    sources_all_classes,
    uncertainty_of,
)
from model.data.crop_set import Record
from model.hierarchy import LEAVES, leaves_of
from model.uncertainty.estimator import CalibrationSet
from model.uncertainty.uncertainty_figures import OodCells

SITES = ("barcelona_pbc", "choi_bonemarrow")
LABELS = ("neutrophil_segmented", "lymphocyte", "erythroblast", "myelocyte")


def linear_state(sharpness: float = 3.0) -> Any:
    """A trained network whose embedding is one number per leaf and whose head multiplies it."""
    head = nn.Linear(len(LEAVES), len(LEAVES), bias=False)
    with torch.no_grad():
        head.weight.copy_(sharpness * torch.eye(len(LEAVES)))
    return SimpleNamespace(average=SimpleNamespace(head=head, backbone=TinyBackbone()))


class TinyBackbone(nn.Module):
    """The mean colour, in as many columns as there are leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        colour = crops.float().mean(dim=(1, 2)) * self.scale
        return torch.nn.functional.pad(colour, (0, len(LEAVES) - 3)), colour


def embedded(
    state: Any,
    sites: tuple[str, ...],
    n: int = 40,
    shift: float = 0.0,
    labels: tuple[str, ...] = LABELS,
) -> tuple[CalibrationSet, list[Record]]:
    """n cells of each label and site: their leaf's number is 1, noise on all."""
    rng = np.random.default_rng(len(sites))
    records = [Record("", site, label) for site in sites for label in labels for _ in range(n)]
    leaf = [LEAVES.index(leaves_of(record.label)[0]) for record in records]
    values = np.eye(len(LEAVES))[leaf] + rng.normal(0, 0.4, (len(records), len(LEAVES)))
    return embedded_cells(state, (values + shift).astype(np.float32), records), records


def figures(
    method: str | Method, *, shift: float = 0.0, labels: tuple[str, ...] = LABELS
) -> dict[str, Any]:
    state = linear_state()
    method = METHODS[method] if isinstance(method, str) else method
    held_out, _ = embedded(state, SITES)
    target, _ = embedded(state, ("bccd",), shift=shift, labels=labels)
    ood_cells = OodCells(np.full((9, 16), 8, np.float32), np.zeros((9, 16), np.float32))
    row = uncertainty_of(
        method,
        held_out=held_out,
        target=target,
        aligned=aligned_cells(state, method, target, source=held_out),
        ood_cells=ood_cells,
        seed=0,
    )
    assert json.loads(json.dumps(row)) == row
    return row


def test_the_row_tells_coverage_calibration_and_how_strange_the_domain_is() -> None:
    row = figures("erm_strong")
    assert row["sets"]["source"]["n"] == 160
    assert row["sets"]["source"]["coverage"] == pytest.approx(0.9, abs=0.06)
    assert row["sets"]["target"]["coverage"] == pytest.approx(0.9, abs=0.08)
    assert row["ece"]["target"]["after"] <= row["ece"]["target"]["before"] + 0.02
    assert row["ood"]["non_cells"]["mahalanobis"] == 1.0
    assert row["ood"]["unseen_site"]["mahalanobis"] == pytest.approx(0.5, abs=0.1)
    assert figures("erm_strong", shift=2.0)["ood"]["unseen_site"]["mahalanobis"] > 0.95


def test_the_case_mix_counts_in_the_unseen_domain_and_not_in_the_sources() -> None:
    plain = figures("erm_strong", labels=("erythroblast",))
    mixed = figures(replace(METHODS["erm_strong"], case_mix=1.0), labels=("erythroblast",))
    assert mixed["temperature"] == plain["temperature"]
    assert mixed["ece"]["source"] == plain["ece"]["source"]
    assert mixed["sets"]["source"] == plain["sets"]["source"]
    assert mixed["ood"] == plain["ood"]
    # Blood rarely shows erythroblasts, and here is nothing else.
    assert mixed["sets"]["target"]["coverage"] < plain["sets"]["target"]["coverage"]


def test_labels_that_no_source_has_are_left_out() -> None:
    state = linear_state()
    held_out, _ = embedded(state, SITES)
    values = np.eye(len(LEAVES), dtype=np.float32)[:2]
    target = cells_of(values, 3 * values, ("lymphocyte", "blast"), ("bccd", "bccd"))
    none = OodCells(values, 3 * values)
    row = uncertainty_of(
        METHODS["erm"], held_out=held_out, target=target, aligned=target, ood_cells=none, seed=0
    )
    assert row["sets"]["target"]["n"] == 1


def test_the_case_mix_costs_rare_classes_where_the_tissue_has_one() -> None:
    cells, records = embedded(linear_state(), SITES)
    table = sources_all_classes(cells, records, case_mix=1.0)
    assert set(table) == {"without", "with"}
    blood, marrow = (({k: table[k][site] for k in table}) for site in SITES)
    assert blood["with"]["f1"]["erythroblast"] < blood["without"]["f1"]["erythroblast"]
    assert blood["with"]["macro_f1"] < blood["without"]["macro_f1"]
    assert marrow["with"] == marrow["without"]
    assert set(sources_all_classes(cells, records, case_mix=0.0)) == {"without"}


def test_crops_without_a_cell_are_drawn_once(tmp_path: Path) -> None:
    state = linear_state()
    first = draw_ood_cells(state, tmp_path, size=32)
    (kept,) = tmp_path.glob("*.npy")
    changed = np.load(kept)
    np.save(kept, changed[:7])
    again = draw_ood_cells(state, tmp_path, size=32)
    assert len(first.embedding) == 70
    np.testing.assert_array_equal(again.embedding, first.embedding[:7])
