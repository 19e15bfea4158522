"""How paths become patients, slides and labels. Pure: paths in, places out.

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
from wbc_desktop.services.importing.options import LabelsFrom, Reading
from wbc_desktop.store.sources.base import FoundCrop

_PREFIX = re.compile(r"(.+?)[_ -]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
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
class Understood:
    """One way to read the folders of one imported path.

    Attributes:
        reading: Which; never ``AUTO``.
        text: The same in words, for the dry run.
        places: One for each crop, in their order.
    """

    reading: Reading
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class _Split:
    """A path taken apart: whose it is, and the folders below that patient."""

    patient: str
    folders: tuple[str, ...]


def understand(
    name: str,
    crops: Sequence[FoundCrop],
    *,
    wanted: Reading,
    labels: LabelsFrom,
    taxonomy: Taxonomy,
) -> Understood:
    """Read the folders of one imported path.

    Args:
        name: Of the imported folder or file.
        crops: What was found there.
        wanted: The reading asked for.
        labels: Where labels are read from; CSV labels are not this function's.
        taxonomy: Knows the names and aliases of the classes.
    """
    tops = [_folders(crop) for crop in crops]
    reading = _reading(tops, wanted, taxonomy)
    split = [_split(name, crop, top, reading) for crop, top in zip(crops, tops, strict=True)]
    by_patient: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for one in split:
        by_patient[one.patient].append(one.folders)
    with_classes = {
        patient
        for patient, folders in by_patient.items()
        if reading is Reading.CLASSES
        or (reading is Reading.PATIENTS and _all_classes(folders, taxonomy))
    }
    places = tuple(
        _place(crop, one, one.patient in with_classes, labels=labels, taxonomy=taxonomy)
        for crop, one in zip(crops, split, strict=True)
    )
    text = _words(name, reading, places, tops=tops, labels=labels)
    return Understood(reading=reading, text=text, places=places)


def other_readings(crops: Sequence[FoundCrop], chosen: Reading) -> tuple[Reading, ...]:
    """Return the readings that could be chosen instead; none where there are no folders."""
    if not any(_folders(crop) for crop in crops):
        return ()
    return tuple(r for r in Reading if r not in {chosen, Reading.AUTO})


def prefix_of(path: str) -> str | None:
    """Return the code before the running number: ``SNE`` of ``a/SNE_123.jpg``, or None."""
    match = _PREFIX.match(PurePosixPath(path).name)
    return match[1] if match else None


def _folders(crop: FoundCrop) -> tuple[str, ...]:
    return tuple(crop.path.split("/")[:-1])


def _reading(tops: Sequence[tuple[str, ...]], wanted: Reading, taxonomy: Taxonomy) -> Reading:
    if wanted is not Reading.AUTO:
        return wanted
    if _all_classes(tops, taxonomy):
        return Reading.CLASSES
    children = {folders[0] for folders in tops if folders}
    with_folders = {folders[0] for folders in tops if len(folders) > 1}
    if children and children == with_folders and all(tops):
        return Reading.PATIENTS
    return Reading.SLIDES


def _all_classes(tops: Sequence[tuple[str, ...]], taxonomy: Taxonomy) -> bool:
    children = {folders[0] for folders in tops if folders}
    return bool(children) and all(taxonomy.resolve(child) for child in children)


def _split(name: str, crop: FoundCrop, folders: tuple[str, ...], reading: Reading) -> _Split:
    if crop.patient is not None:
        inside = folders[1:] if folders[:1] == (crop.patient,) else folders
        return _Split(patient=crop.patient, folders=inside)
    if reading is Reading.PATIENTS and folders:
        return _Split(patient=folders[0].strip() or name, folders=folders[1:])
    return _Split(patient=name.strip(), folders=folders)


def _place(
    crop: FoundCrop, split: _Split, in_classes: bool, *, labels: LabelsFrom, taxonomy: Taxonomy
) -> Place:
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
    return Place(patient=split.patient, slide=slide.strip() or split.patient, label=label)


def _words(
    name: str,
    reading: Reading,
    places: Sequence[Place],
    *,
    tops: Sequence[tuple[str, ...]],
    labels: LabelsFrom,
) -> str:
    if not places:
        return f"{name}: no images."
    n_patients = len({place.patient for place in places})
    n_slides = len({(place.patient, place.slide) for place in places})
    n_folders = len({folders[0] for folders in tops if folders})
    if reading is Reading.PATIENTS:
        return (
            f"{name}: a batch of {_count(n_patients, 'patient')}, each folder is one patient; "
            f"{_count(n_slides, 'slide')} in all."
        )
    who = f"{name}: one patient" if n_patients == 1 else f"{name}: {n_patients} patients"
    if n_folders == 0 or n_patients > 1:
        return f"{who}, {_count(n_slides, 'slide')}."
    if reading is Reading.CLASSES:
        use = "become labels" if labels is LabelsFrom.FOLDER else "are not used as labels"
        return f"{who}, one slide; the names of {_count(n_folders, 'class folder')} {use}."
    return f"{who}, {_count(n_slides, 'slide')}, named after the folders."


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
