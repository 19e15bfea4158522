"""How paths become patients, slides and labels. Pure: paths in, paths out.

The rules, in order, for one imported path:

1. If every folder at the top bears the name of a cell class, they are class folders: one patient,
   one slide.
2. If every folder at the top itself holds folders, it is a batch: each of them is a patient.
3. Else it is one patient; a folder at the top is a slide, and deeper levels join its name.

In a batch, rules 1 and 3 hold for each patient by itself. What a manifest states goes before.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.importing.options import FolderLayout, LabelsFrom
from wbc_desktop.store.sources.base import FoundCrop

_PREFIX = re.compile(r"(.+?)[_ -]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPath:
    """Where a crop belongs.

    Attributes:
        patient: The patient's code.
        slide: The slide's name.
        label: What its folder or name calls it, or None.
    """

    patient: str
    slide: str
    label: str | None


@dataclass(frozen=True, kw_only=True)
class ParsedFolders:
    """One way to read the folders of one imported path.

    Attributes:
        layout: Which; never ``AUTO``.
        text: The same in words, for the dry run.
        paths: One for each crop, in their order.
    """

    layout: FolderLayout
    text: str
    paths: tuple[ParsedPath, ...]


@dataclass(frozen=True, kw_only=True)
class _Split:
    """A path taken apart: whose it is, and the folders below that patient."""

    patient: str
    folders: tuple[str, ...]


def parse_folders(
    name: str,
    crops: Sequence[FoundCrop],
    *,
    wanted: FolderLayout,
    labels: LabelsFrom | None,
    taxonomy: Taxonomy,
) -> ParsedFolders:
    """Read the folders of one imported path.

    Args:
        name: Of the imported folder or file.
        crops: What was found there.
        wanted: The layout asked for.
        labels: Where labels are read from; CSV labels are not this function's.
        taxonomy: Knows the names and aliases of the classes.
    """
    tops = [_folders(crop) for crop in crops]
    layout = _layout(tops, wanted, taxonomy)
    split = [_split(name, crop, top, layout) for crop, top in zip(crops, tops, strict=True)]
    by_patient: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for one in split:
        by_patient[one.patient].append(one.folders)
    with_classes = {
        patient
        for patient, folders in by_patient.items()
        if layout is FolderLayout.CLASSES
        or (layout is FolderLayout.PATIENTS and _all_classes(folders, taxonomy))
    }
    paths = tuple(
        _place(crop, one, one.patient in with_classes, labels=labels, taxonomy=taxonomy)
        for crop, one in zip(crops, split, strict=True)
    )
    text = _words(name, layout, paths, tops=tops, labels=labels)
    return ParsedFolders(layout=layout, text=text, paths=paths)


def other_layouts(crops: Sequence[FoundCrop], chosen: FolderLayout) -> tuple[FolderLayout, ...]:
    """Return the layouts that could be chosen instead; none where there are no folders."""
    if not any(_folders(crop) for crop in crops):
        return ()
    return tuple(r for r in FolderLayout if r not in {chosen, FolderLayout.AUTO})


def prefix_of(path: str) -> str | None:
    """Return the code before the running number: ``SNE`` of ``a/SNE_123.jpg``, or None."""
    match = _PREFIX.match(PurePosixPath(path).name)
    return match[1] if match else None


def _folders(crop: FoundCrop) -> tuple[str, ...]:
    return tuple(crop.path.split("/")[:-1])


def _layout(
    tops: Sequence[tuple[str, ...]], wanted: FolderLayout, taxonomy: Taxonomy
) -> FolderLayout:
    if wanted is not FolderLayout.AUTO:
        return wanted
    if _all_classes(tops, taxonomy):
        return FolderLayout.CLASSES
    children = {folders[0] for folders in tops if folders}
    with_folders = {folders[0] for folders in tops if len(folders) > 1}
    if children and children == with_folders and all(tops):
        return FolderLayout.PATIENTS
    return FolderLayout.SLIDES


def _all_classes(tops: Sequence[tuple[str, ...]], taxonomy: Taxonomy) -> bool:
    children = {folders[0] for folders in tops if folders}
    return bool(children) and all(taxonomy.resolve(child) for child in children)


def _split(name: str, crop: FoundCrop, folders: tuple[str, ...], layout: FolderLayout) -> _Split:
    if crop.patient is not None:
        inside = folders[1:] if folders[:1] == (crop.patient,) else folders
        return _Split(patient=crop.patient, folders=inside)
    if layout is FolderLayout.PATIENTS and folders:
        return _Split(patient=folders[0].strip() or name, folders=folders[1:])
    return _Split(patient=name.strip(), folders=folders)


def _place(
    crop: FoundCrop,
    split: _Split,
    in_classes: bool,
    *,
    labels: LabelsFrom | None,
    taxonomy: Taxonomy,
) -> ParsedPath:
    folders = split.folders
    label: str | None = None
    if labels is LabelsFrom.FOLDER:
        label = next((f for f in reversed(folders) if taxonomy.resolve(f)), None)
        if not in_classes and len(folders) > 1 and label == folders[-1]:
            folders = folders[:-1]  # a slide with class folders in it
    elif labels is LabelsFrom.PREFIX:
        prefix = prefix_of(crop.path)
        label = prefix if prefix and taxonomy.resolve(prefix) else None
    slide = crop.slide or ("" if in_classes else "/".join(folders)) or split.patient
    return ParsedPath(patient=split.patient, slide=slide.strip() or split.patient, label=label)


def _words(
    name: str,
    layout: FolderLayout,
    paths: Sequence[ParsedPath],
    *,
    tops: Sequence[tuple[str, ...]],
    labels: LabelsFrom | None,
) -> str:
    if not paths:
        return f"{name}: no images."
    n_patients = len({path.patient for path in paths})
    n_slides = len({(path.patient, path.slide) for path in paths})
    n_folders = len({folders[0] for folders in tops if folders})
    if layout is FolderLayout.PATIENTS:
        return (
            f"{name}: a batch of {_count(n_patients, 'patient')}, each folder is one patient; "
            f"{_count(n_slides, 'slide')} in all."
        )
    who = f"{name}: one patient" if n_patients == 1 else f"{name}: {n_patients} patients"
    if n_folders == 0 or n_patients > 1:
        return f"{who}, {_count(n_slides, 'slide')}."
    if layout is FolderLayout.CLASSES:
        use = "become labels" if labels is LabelsFrom.FOLDER else "are not used as labels"
        return f"{who}, one slide; the names of {_count(n_folders, 'class folder')} {use}."
    return f"{who}, {_count(n_slides, 'slide')}, named after the folders."


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
