"""The classes of a workspace as a file, to be taken over by another workspace.

The file names every class with its id. Reading it changes the classes that are known and adds the
others; what the file does not name stays as it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import check_taxonomy
from wbc_desktop.domain.taxonomy.class_definitions import stored_definition
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.domain.taxonomy.edits import ClassChanges, apply_changes

FORMAT = "wbc-classes"
VERSION = 1
_TEXTS = ("id", "code", "name", "colour_light", "colour_dark")
_ADVICE = "Write the file anew with “wbc taxonomy export”, or correct it by hand."


def file_text(taxonomy: Taxonomy) -> str:
    """Return the classes as JSON, one to a line."""
    lines = [f"    {json.dumps(_written(c), ensure_ascii=False)}" for c in taxonomy.classes]
    head = {"format": FORMAT, "version": VERSION, "taxonomy": taxonomy.root.version}
    begin = "".join(f"  {json.dumps(key)}: {json.dumps(head[key])},\n" for key in head)
    return f'{{\n{begin}  "classes": [\n' + ",\n".join(lines) + "\n  ]\n}\n"


def changes_from_text(text: str, taxonomy: Taxonomy) -> ClassChanges:
    """Return what a file of classes changes.

    Returns:
        The classes that change, by ordinal; none if all are so already.

    Raises:
        UserError: If it is no such file, or classes could not be so; says which.
    """
    classes = dict(enumerate(taxonomy.classes))
    wanted: dict[int, CellClass] = {}
    seen: set[str] = set()
    for number, said in enumerate(_listed(text, taxonomy), start=1):
        read = _read(said, number)
        if read["id"] in seen:
            raise _wrong(f"class {number}: {read['id']} stands there twice")
        seen.add(read["id"])
        ordinal = taxonomy.ordinals.get(read["id"], len(classes))
        if ordinal in classes:
            wanted[ordinal] = _changed(classes[ordinal], read, taxonomy)
        else:
            wanted[ordinal] = CellClass(**read, leaf=False)
        classes[ordinal] = wanted[ordinal]
    try:
        check_taxonomy(apply_changes(taxonomy, wanted))
    except ValueError as error:
        raise _wrong(str(error)) from error
    return {
        ordinal: c
        for ordinal, c in wanted.items()
        if ordinal >= len(taxonomy.classes)
        or stored_definition(taxonomy, ordinal, c)
        != stored_definition(taxonomy, ordinal, taxonomy.classes[ordinal])
    }


def _written(cell_class: CellClass) -> dict[str, object]:
    said: dict[str, object] = {name: getattr(cell_class, name) for name in _TEXTS}
    said["key"] = cell_class.hotkey
    for name in ("parent", "counted", "hidden", "merged_into"):
        said[name] = getattr(cell_class, name)
    return said


def _listed(text: str, taxonomy: Taxonomy) -> Sequence[Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"it is not JSON ({error})") from error
    if not isinstance(said, Mapping) or said.get("format") != FORMAT:
        raise _wrong(f"it does not say that its format is {FORMAT}")
    if said.get("version") != VERSION:
        raise UserError(
            "The file of classes was made by a newer version of WBC Desktop",
            f"version {said.get('version')}",
            "Install the newest version and try again.",
        )
    if said.get("taxonomy") != taxonomy.root.version:
        raise _wrong(f"it is for the taxonomy {said.get('taxonomy')}")
    classes = said.get("classes")
    if not isinstance(classes, list) or not classes:
        raise _wrong("it lists no classes")
    return classes


def _read(said: object, number: int) -> dict[str, Any]:
    """Return the fields of a class as ``CellClass`` has them."""
    if not isinstance(said, Mapping):
        raise _wrong(f"class {number} is no object")
    read: dict[str, Any] = {}
    for name in (*_TEXTS, "key"):
        if not isinstance(said.get(name), str):
            raise _wrong(f"class {number}: {name} is missing or no text")
        read["hotkey" if name == "key" else name] = said[name]
    for name in ("parent", "merged_into"):
        if not isinstance(said.get(name), str | None):
            raise _wrong(f"class {number}: {name} is neither a class nor null")
        read[name] = said.get(name)
    for name, usual in (("counted", True), ("hidden", False)):
        if not isinstance(said.get(name, usual), bool):
            raise _wrong(f"class {number}: {name} is neither true nor false")
        read[name] = said.get(name, usual)
    if not read["id"].isascii() or not read["id"].replace("_", "").isalnum():
        raise _wrong(
            f"class {number}: its id “{read['id']}” has other signs than a to z, 0 to 9, _"
        )
    return read


def _changed(present: CellClass, read: Mapping[str, Any], taxonomy: Taxonomy) -> CellClass:
    if not taxonomy.own(present.id):
        for name in ("parent", "counted"):
            if read[name] != getattr(present, name):
                raise _wrong(f"{present.id}: a class of the program keeps its “{name}”")
    return replace(present, **read)


def _wrong(detail: str) -> UserError:
    return UserError("The file of classes cannot be used", detail, _ADVICE)
