"""How large the crop of each cell is: with crops cut around the cell, how large the cell is."""

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.store.workspace import Workspace

_CELLS_AT_ONCE = 32_768


def crop_areas(workspace: Workspace, cell_ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the area of the crop of each cell; may run in a worker.

    Args:
        workspace: The cells and crops; only read.
        cell_ids: int64 (n,), ascending.

    Returns:
        float32 (n,), > 0: in µm² if the scale of every cell is known, else in px²; nan where a
        crop is missing.
    """
    sizes = workspace.crops.sizes()
    catalogue = workspace.catalogue
    pixels = np.full(len(cell_ids), np.nan)
    scale = np.full(len(cell_ids), np.nan)
    after = 0
    while refs := catalogue.cells.crop_refs_after(after, at_most=_CELLS_AT_ONCE):
        after = refs[-1].cell_id
        ids = np.array([ref.cell_id for ref in refs], np.int64)
        areas = [_area(sizes.get(ref.image_sha256)) for ref in refs]
        rows = np.searchsorted(cell_ids, ids)
        known = rows < len(cell_ids)
        known[known] = cell_ids[rows[known]] == ids[known]
        pixels[rows[known]] = np.array(areas)[known]
        scale[rows[known]] = np.array([ref.um_per_px for ref in refs], np.float64)[known]
    if not np.isnan(scale).any():
        pixels *= scale**2
    return pixels.astype(np.float32)


def _area(size: tuple[int, int] | None) -> float:
    return float("nan") if size is None else float(size[0] * size[1])
