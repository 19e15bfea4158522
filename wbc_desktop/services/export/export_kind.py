"""The kinds of export, by themselves so that ``wbc --help`` need not load what writes them."""

from enum import StrEnum


class ExportKind(StrEnum):
    """The kinds of export."""

    CELLS = "cells"
    DIFFERENTIAL = "differential"
    AUDIT = "audit"
    TRAINING_HDF5 = "training-hdf5"
    TRAINING_FOLDERS = "training-folders"

    @property
    def is_training_set(self) -> bool:
        """True for the labelled crops themselves, false for tables about cells."""
        return self in {ExportKind.TRAINING_HDF5, ExportKind.TRAINING_FOLDERS}
