"""The labelled cells as a training set for other programs: one HDF5 file, or a folder per class.

Both hold the crops as they were imported, byte for byte, a split that keeps each patient on one
side, and the head of the audit log. Both can be imported again: the HDF5 file by itself, the
folder by its ``split.csv``, or as class folders.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from wbc_desktop.domain.audit.events import Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.label_split import SplitPart
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.export.csv_text import Written, write_csv
from wbc_desktop.services.export.output_files import (
    check_output_file,
    check_output_folder,
    output_file,
    output_folder,
)
from wbc_desktop.services.export.training_cells import (
    COLUMNS,
    SPLIT_HEADER,
    Column,
    TrainingCells,
    TrainingRow,
)
from wbc_desktop.store.crops import CropStore, content_hash
from wbc_desktop.store.decoding import suffix_of_content
from wbc_desktop.store.training_file import Array, write_training_file

SPLIT_NAME = "split.csv"
SPLIT_META = f"{SPLIT_NAME}.meta.json"
FORMAT = "wbc-training-set"


def check_training_place(path: Path, *, workspace: Path, in_folders: bool) -> None:
    """Find out before long work whether a training set can be written here.

    Raises:
        UserError: If the place is taken, closed to us, or inside the workspace.
    """
    if path.resolve().is_relative_to(workspace.resolve()):
        raise UserError(
            "A training set must not lie inside the workspace",
            str(path),
            "Choose a folder outside of it.",
        )
    if in_folders:
        check_output_folder(path)
    else:
        check_output_file(path)


def check_labelled(training: TrainingCells) -> None:
    """Refuse a training set of nothing.

    Raises:
        UserError: If no cell has a person's label.
    """
    if training.cells:
        return
    seen = f"{training.undecided:,} were seen and left undecided" if training.undecided else ""
    raise UserError(
        "No cell has a label of a person yet",
        seen,
        "Label or accept some cells first. What only the model said trains nobody.",
    )


def set_facts(training: TrainingCells, taxonomy: Taxonomy) -> dict[str, Json]:
    """Return what is said of the whole set beside what pins every export."""
    return {
        "format": FORMAT,
        "cells": len(training.cells),
        "split": {part.value: n for part, n in training.split.sizes().items()},
        "grouped_by": training.split.grouped_by.value,
        "undecided_left_out": training.undecided,
        "models": training.models,
        "classes": {
            class_id: {
                "name": taxonomy.by_id[class_id].name,
                "parent": taxonomy.by_id[class_id].parent,
                "cells": sum(cell.label == class_id for cell in training.cells),
            }
            for class_id in training.classes
        },
    }


def set_in_words(training: TrainingCells) -> str:
    """Return how the cells were split, for people."""
    sizes = training.split.sizes()
    text = (
        f"Split by {training.split.grouped_by.value}: {sizes[SplitPart.TRAIN]:,} to train, "
        f"{sizes[SplitPart.VAL]:,} to tune, {sizes[SplitPart.TEST]:,} to test"
    )
    if sizes[SplitPart.HOLDOUT]:
        text += f", {sizes[SplitPart.HOLDOUT]:,} drawn by lot held out"
    if training.undecided:
        text += f"; {counted(training.undecided, 'undecided cell')} left out"
    return f"{text}."


def write_as_file(
    training: TrainingCells, crops: CropStore, path: Path, *, facts: Mapping[str, Json]
) -> Written:
    """Write the HDF5 file; an existing one is replaced when the new one is complete.

    Args:
        training: The cells.
        crops: Their crops.
        path: The file.
        facts: Of the whole set; attributes of the file.

    Raises:
        UserError: If it cannot be written, or a crop is missing or damaged.
    """
    image_paths: list[str] = []

    def encoded_crops() -> Iterator[bytes]:
        for image_path, encoded in _crops(training, crops):
            image_paths.append(image_path)
            yield encoded

    with output_file(path) as file:
        write_training_file(
            file,
            encoded_crops(),
            n=len(training.cells),
            arrays=lambda: _arrays(training.rows(image_paths)),
            attributes={
                **{name: _attribute(value) for name, value in facts.items()},
                "class_names": training.classes,
            },
        )
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(path=path, rows=len(training.cells), sha256=sha256)


def write_as_folders(
    training: TrainingCells, crops: CropStore, path: Path, *, facts: Mapping[str, Json]
) -> Written:
    """Write a new folder with one folder per class, ``split.csv`` and its JSON file.

    Args:
        training: The cells.
        crops: Their crops.
        path: The folder; not there yet, or empty.
        facts: Of the whole set; for the JSON file.

    Returns:
        The folder, with the digest of ``split.csv``, which names the digest of every crop.

    Raises:
        UserError: If it cannot be written, or a crop is missing or damaged; nothing is then left.
    """
    image_paths: list[str] = []
    with output_folder(path) as temporary:
        for class_id in training.classes:
            (temporary / class_id).mkdir()
        for image_path, encoded in _crops(training, crops):
            (temporary / image_path).write_bytes(encoded)
            image_paths.append(image_path)
        rows = training.rows(image_paths)
        split = write_csv(
            temporary / SPLIT_NAME,
            SPLIT_HEADER,
            ([column.text(row) for column in COLUMNS] for row in rows),
        )
        meta = {"file": SPLIT_NAME, "rows": split.rows, "sha256": split.sha256, **facts}
        text = f"{json.dumps(meta, indent=2)}\n"
        with output_file(temporary / SPLIT_META) as file:
            file.write(text.encode())
    return Written(path=path, rows=split.rows, sha256=split.sha256)


def _crops(training: TrainingCells, crops: CropStore) -> Iterator[tuple[str, bytes]]:
    """Yield where each crop goes, and its bytes."""
    for cell in training.cells:
        encoded = crops.encoded(cell.image_sha256)
        if content_hash(encoded) != cell.image_sha256:
            raise UserError(
                "A crop is damaged",
                f"cell {cell.cell_id} of patient {cell.patient}",
                "Put crops.db back from a backup.",
            )
        yield f"{cell.label}/{cell.cell_id}{suffix_of_content(encoded)}", encoded


def _arrays(rows: Sequence[TrainingRow]) -> dict[str, Array]:
    return {column.name: _array(column, rows) for column in COLUMNS}


def _array(column: Column, rows: Sequence[TrainingRow]) -> Array:
    values = [column.value(row) for row in rows]
    if column.kind is str:
        return [str(value) for value in values]
    if column.kind is int:
        return np.array(values, np.int64)
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _attribute(value: Json) -> str | int:
    return value if isinstance(value, str | int) else json.dumps(value)
