"""What the store hands out and takes in: frozen rows with names the field uses.

To give out one more fact of a cell, add it to ``CellRecord`` and to the query in ``cell_reads``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.audit.events import Json
from wbc_desktop.domain.review.review import Review

PROBABILITY_BYTES = 4
"""Probabilities are stored one after the other as little-endian float32."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CellRecord:
    """Everything the workspace knows of one cell.

    Attributes:
        id: Row id.
        cell_id: The id people see, such as ``w7k3qm-0000123``.
        patient_code: The patient's id as the lab writes it.
        slide_code: Name of the slide.
        site: Name of the site, or the empty string.
        um_per_px: Scale of the crop in µm per pixel, or None where it is not known.
        image_path: Relative to the imported folder, with forward slashes.
        image_sha256: Lower-case hex digest of the encoded image.
        source_label: What the source called the cell, or None.
        predicted: Class id the model chose, or None.
        pred_prob: Its probability in [0, 1], or None.
        probs: float32 (k,) over the taxonomy's leaves, or None.
        model_id: Name of the model that predicted, or None.
        model_sha256: Its digest, or None.
        predicted_at: UTC time, or None.
        scale_source: 0 known µm per pixel, 1 estimated, 2 the estimate failed, or None.
        pred_set: Leaves that cannot be ruled out, see ``domain.prediction_set``, or None.
        ood_score: How unlike the training cells, in [0, 1], or None.
        slide_shift: How unlike the training sites the slide is, 1 = alarm threshold, or None.
        review: The human label, or None.
        flagged: A person flagged the cell.
        note: Free text; empty where there is none.
        attributes: Ids of morphology attributes, sorted.
    """

    id: int
    cell_id: str
    patient_code: str
    slide_code: str
    site: str
    um_per_px: float | None
    image_path: str
    image_sha256: str
    source_label: str | None
    predicted: str | None
    pred_prob: float | None
    probs: NDArray[np.float32] | None
    model_id: str | None
    model_sha256: str | None
    predicted_at: str | None
    scale_source: int | None
    pred_set: int | None
    ood_score: float | None
    slide_shift: float | None
    review: Review | None
    flagged: bool
    note: str
    attributes: tuple[str, ...] = ()


class CropRef(NamedTuple):
    """Where the crop of a cell is, and its scale.

    Attributes:
        cell_id: Row id.
        image_sha256: Key of the crop in ``crops.db``.
        um_per_px: Scale in µm per pixel, or None where it is not known.
    """

    cell_id: int
    image_sha256: str
    um_per_px: float | None


class NewCell(NamedTuple):
    """One cell to import.

    Attributes:
        slide: Name of its slide.
        image_path: Relative to the imported folder, with forward slashes.
        image_sha256: Key of its crop, already in ``crops.db``.
        source_label: What the source called it, or None.
        um_per_px: Scale in µm per pixel, or None where it is not known.
    """

    slide: str
    image_path: str
    image_sha256: str
    source_label: str | None = None
    um_per_px: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """A model that has predicted cells of this workspace.

    Attributes:
        name: The model's id.
        sha256: Lower-case hex digest that identifies its files.
        n_cells: Cells whose present prediction is this model's.
    """

    name: str
    sha256: str
    n_cells: int


@dataclass(frozen=True, kw_only=True)
class ImportedPatient:
    """The cells that one import added to one patient.

    Attributes:
        patient_id: Row id of the patient.
        code: The patient's code.
        site: Name of the site, or the empty string.
        first: Row id of the first cell; the ids up to ``last`` are all of this import.
        last: Row id of the last cell.
        digest: SHA-256 over the cells' facts, lower-case hex; ``wbc verify`` computes it again.
    """

    patient_id: int
    code: str
    site: str
    first: int
    last: int
    digest: str

    @property
    def cell_ids(self) -> range:
        """Row ids of the cells."""
        return range(self.first, self.last + 1)

    def payload(self) -> dict[str, Json]:
        """Return the payload of the PATIENT_IMPORTED event that ``wbc verify`` reads."""
        return {
            "patient": self.code,
            "site": self.site,
            "cells": len(self.cell_ids),
            "first": self.first,
            "last": self.last,
            "digest": self.digest,
        }
