"""Where in a crop the evidence for a class lies, and at which scale the network took it.

The active model is opened when the first map is asked for, in the worker that asks, and kept as
long as it is active.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from model.data.scale import WINDOW_UM, ScaleSource, find_window
from model.inference.predictor import Predictor
from wbc_desktop.domain.cells.evidence import Evidence
from wbc_desktop.domain.cells.scale import CropScale
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.models.registry import active_ref, open_active
from wbc_desktop.store.workspace import Workspace


class EvidenceMaps:
    """Makes evidence maps with the active model; may be called from several threads.

    Args:
        workspace: Says which model is active; only read.
        taxonomy: Its leaves must be the classes of the model.
    """

    def __init__(self, workspace: Workspace, taxonomy: Taxonomy) -> None:
        self._workspace = workspace
        self._taxonomy = taxonomy
        self._predictor: Predictor | None = None
        self._opening = threading.Lock()

    def of(
        self, pixels: NDArray[np.uint8], class_id: str, *, um_per_px: float | None
    ) -> Evidence | None:
        """Return the evidence for a class in a crop.

        Args:
            pixels: uint8 (h, w, 3), sRGB.
            class_id: The class; a parent stands for its leaves.
            um_per_px: The crop's scale where known.

        Returns:
            The evidence, or None for a class that the model does not know.

        Raises:
            UserError: If the model cannot be loaded.
        """
        leaves = self._taxonomy.leaves_of(class_id)
        if not leaves:
            return None
        predictor = self._opened()
        columns = [predictor.classes.index(leaf) for leaf in leaves]
        fields, window = predictor.evidence(pixels, columns, um_per_px=um_per_px)
        return Evidence(
            class_id=class_id,
            fields=fields,
            x=window.x,
            y=window.y,
            side=window.side,
            model_id=predictor.model_id,
            model_sha256=predictor.model_sha256,
        )

    def _opened(self) -> Predictor:
        with self._opening:
            active = active_ref(self._workspace.catalogue).sha256
            if self._predictor is None or self._predictor.model_sha256 != active:
                self._predictor = open_active(self._workspace, self._taxonomy)
            return self._predictor


def crop_scale(pixels: NDArray[np.uint8], um_per_px: float | None) -> CropScale | None:
    """Return the scale of a crop: the known one, else the network's estimate, else None.

    Args:
        pixels: uint8 (h, w, 3), sRGB.
        um_per_px: The scale where known.
    """
    if um_per_px is not None:
        return CropScale(um_per_px=um_per_px, estimated=False)
    window = find_window(pixels)
    if window.source is not ScaleSource.ESTIMATED:
        return None
    return CropScale(um_per_px=WINDOW_UM / window.side, estimated=True)
