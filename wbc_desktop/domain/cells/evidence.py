"""Where in a crop the evidence for a class lies: fields of the network's window, never outlines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FINE = 16  # steps from one field to the next in a smooth map


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """The evidence for one class in one crop.

    Attributes:
        class_id: The class.
        fields: float32 (n, n); what each field of the window adds to the log odds of the class,
            below 0 where it speaks against it.
        x: Centre of the network's window in px from the left border of the crop.
        y: Centre of the window in px from the upper border.
        side: Side of the window in px; it may reach beyond the crop.
        model_id: Name of the model.
        model_sha256: Its digest.
    """

    class_id: str
    fields: NDArray[np.float32]
    x: float
    y: float
    side: float
    model_id: str
    model_sha256: str

    @property
    def speaks_for(self) -> bool:
        """True if any field speaks for the class at all."""
        return bool(self.fields.max() > 0.0)

    def heat(self) -> NDArray[np.float32]:
        """Return the evidence for the class as a smooth map over the window.

        Returns:
            float32 (m, m), 0 where nothing speaks for the class, 1 at the strongest field; all 0
            if no field does.
        """
        if not self.speaks_for:
            return np.zeros((1, 1), dtype=np.float32)
        positive: NDArray[np.float32] = np.maximum(self.fields, np.float32(0.0))
        smooth = _between(_between(positive / positive.max()).T).T
        result: NDArray[np.float32] = np.clip(smooth, 0.0, 1.0).astype(np.float32)
        return result


def _between(fields: NDArray[np.float32]) -> NDArray[np.float32]:
    """Interpolate along the last axis: each field's value stands at its middle."""
    n = fields.shape[1]
    at = (np.arange(n * _FINE) + 0.5) / _FINE - 0.5  # in fields
    rows = [np.interp(at, np.arange(n), row) for row in fields]
    return np.asarray(rows, dtype=np.float32)
