"""What a reader can do to the classes of a workspace: pure functions from one taxonomy to another.

Each returns the classes that change, by ordinal; nothing else about the taxonomy changes. Ids are
never changed and never given twice, so that old events and exports stay readable.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any, TypeAlias

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.checks import CLASS_KEYS, REQUIRED, check_taxonomy
from wbc_desktop.domain.taxonomy.class_definitions import stored_definition, with_definitions
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.domain.taxonomy.contrast import DARK_SURFACE, LIGHT_SURFACE, is_colour, readable

MAX_CLASSES = 200
ClassChanges: TypeAlias = Mapping[int, CellClass]
_NOT_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class ClassUpdate:
    """How a class is to be; what is None stays as it is.

    Attributes:
        name: For people.
        code: Three letters.
        hotkey: Its key, or the empty string for none.
        colour_light: ``#RRGGBB`` for the light theme.
        colour_dark: For the dark theme.
        hidden: Whether it is offered no more.
    """

    name: str | None = None
    code: str | None = None
    hotkey: str | None = None
    colour_light: str | None = None
    colour_dark: str | None = None
    hidden: bool | None = None


@dataclass(frozen=True, kw_only=True)
class NewClass:
    """A class to be added.

    Attributes:
        name: For people.
        code: Three letters.
        hotkey: Its key, or the empty string for none.
        colour: ``#RRGGBB``; made darker or lighter for each theme as far as it must be.
        parent: Id of the class it stands below, or None.
        counted: Whether it is part of the 100 %; below a parent, as the parent.
    """

    name: str
    code: str
    hotkey: str = ""
    colour: str = "#666666"
    parent: str | None = None
    counted: bool = True


def update_class(taxonomy: Taxonomy, class_id: str, wanted: ClassUpdate) -> ClassChanges:
    """Rename, recode, re-key, recolour, hide or show a class.

    Raises:
        UserError: If it cannot be so.
    """
    present = _known(taxonomy, class_id)
    asked = {
        "name": None if wanted.name is None else " ".join(wanted.name.split()),
        "code": None if wanted.code is None else wanted.code.strip().upper(),
        "hotkey": None if wanted.hotkey is None else wanted.hotkey.strip().upper(),
        "colour_light": None if wanted.colour_light is None else wanted.colour_light.upper(),
        "colour_dark": None if wanted.colour_dark is None else wanted.colour_dark.upper(),
        "hidden": wanted.hidden,
    }
    given: dict[str, Any] = {name: v for name, v in asked.items() if v is not None}
    return _checked(taxonomy, {taxonomy.ordinals[class_id]: replace(present, **given)})


def move_class(taxonomy: Taxonomy, class_id: str, parent: str | None) -> ClassChanges:
    """Put a class of the workspace below another one, or on its own.

    Raises:
        UserError: If it is a class of the program, or the parent cannot be.
    """
    present = _known(taxonomy, class_id)
    if not taxonomy.own(class_id):
        raise UserError(
            "This class keeps its parent",
            f"{present.name}: the model adds up its probabilities that way",
            "Add a class of your own instead.",
        )
    if parent is not None:
        above = _known(taxonomy, parent)
        if parent == class_id or parent in taxonomy.below(class_id):
            raise UserError("A class cannot stand below itself", present.name)
        present = replace(present, counted=above.counted)
    changes = {taxonomy.ordinals[class_id]: replace(present, parent=parent)}
    for below in taxonomy.below(class_id):
        child = replace(taxonomy.by_id[below], counted=present.counted)
        changes[taxonomy.ordinals[below]] = child
    return _checked(taxonomy, changes)


def add_classes(
    taxonomy: Taxonomy, classes: Sequence[NewClass], *, given: Iterable[str] = ()
) -> ClassChanges:
    """Add classes of the workspace; the model knows nothing of them.

    Args:
        taxonomy: The present one.
        classes: The new ones.
        given: Ids that other classes had before they were taken back; none is given again.

    Raises:
        UserError: If one cannot be so.
    """
    first = len(taxonomy.classes)
    if first + len(classes) > MAX_CLASSES:
        raise UserError("There is no room for more classes", f"at most {MAX_CLASSES} of them")
    ids = {*(c.id for c in taxonomy.classes), *given}
    made: dict[int, CellClass] = {}
    for ordinal, new in enumerate(classes, start=first):
        above = None if new.parent is None else _known(taxonomy, new.parent)
        own_id = _unused_id(new.name, ids, ordinal)
        ids.add(own_id)
        if not is_colour(new.colour):
            raise UserError("This is no colour", new.colour or "nothing", "Write it as #RRGGBB.")
        made[ordinal] = CellClass(
            id=own_id,
            code=new.code.strip().upper(),
            name=" ".join(new.name.split()),
            hotkey=new.hotkey.strip().upper(),
            colour_light=readable(new.colour, LIGHT_SURFACE),
            colour_dark=readable(new.colour, DARK_SURFACE),
            parent=new.parent,
            leaf=False,
            counted=new.counted if above is None else above.counted,
        )
    return _checked(taxonomy, made)


def merge_classes(taxonomy: Taxonomy, sources: Iterable[str], target: str) -> ClassChanges:
    """Let the cells of some classes count as those of another one.

    Their labels stay what they were; what is counted, shown and exported is the other class.

    Raises:
        UserError: If one cannot be merged, or nothing is left to merge.
    """
    end = _known(taxonomy, target)
    if end.merged_into is not None:
        raise UserError(
            "This class was merged away itself",
            end.name,
            f"Merge into {taxonomy.by_id[taxonomy.counted_as[target]].name} instead.",
        )
    changes: dict[int, CellClass] = {}
    for source in dict.fromkeys(sources):
        present = _known(taxonomy, source)
        if source in REQUIRED:
            raise UserError(f"{present.name} cannot be merged", REQUIRED[source])
        if source == target:
            raise UserError("A class cannot be merged into itself", present.name)
        if present.merged_into is not None:
            raise UserError("This class was merged already", present.name)
        below = [c for c in taxonomy.below(source) if taxonomy.by_id[c].merged_into is None]
        if left := [c for c in below if c != target and c not in sources]:
            names = ", ".join(taxonomy.by_id[c].name for c in left)
            raise UserError(
                "A class with others below it cannot be merged",
                f"{present.name}: {names}",
                "Merge these first.",
            )
        if target in below:
            raise UserError(
                "A class cannot be merged into one below it", f"{present.name} into {end.name}"
            )
        changes[taxonomy.ordinals[source]] = replace(present, merged_into=target)
    if not changes:
        raise UserError("Nothing is chosen to be merged", advice="Choose at least one class.")
    return _checked(taxonomy, changes)


def unmerge_class(taxonomy: Taxonomy, class_id: str) -> ClassChanges:
    """Let a class that was merged stand by itself again.

    Raises:
        UserError: If it was not merged, or its key or name is taken meanwhile.
    """
    present = _known(taxonomy, class_id)
    if present.merged_into is None:
        raise UserError("This class was not merged", present.name)
    return _checked(taxonomy, {taxonomy.ordinals[class_id]: replace(present, merged_into=None)})


def split_class(
    taxonomy: Taxonomy, class_id: str, parts: Sequence[NewClass], *, given: Iterable[str] = ()
) -> ClassChanges:
    """Add classes below a class; its cells keep their label until they are labelled anew.

    Args:
        taxonomy: The present one.
        class_id: The class.
        parts: The new ones.
        given: As in ``added``.

    Raises:
        UserError: If there are fewer than two parts, or one cannot be so.
    """
    present = _known(taxonomy, class_id)
    if present.merged_into is not None:
        raise UserError("This class was merged away", present.name, "Separate it first.")
    if len(parts) < 2:
        raise UserError("A class is split into two or more", present.name, "Name two new classes.")
    return add_classes(taxonomy, [replace(part, parent=class_id) for part in parts], given=given)


def free_keys(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the keys that no class has, in the order to offer them."""
    taken = {c.hotkey for c in taxonomy.offered}
    return tuple(key for key in CLASS_KEYS if key not in taken)


def free_code(taxonomy: Taxonomy, name: str) -> str:
    """Return three letters for a name that no class has; empty where none is found."""
    taken = {c.code for c in taxonomy.classes}
    letters = _latin(name).upper().replace("_", "")
    begins = [letters[:3], *(letters[:2] + last for last in letters[3:])]
    begins += [letters[:2] + digit for digit in "23456789"]
    return next((code for code in begins if len(code) == 3 and code not in taken), "")


def apply_changes(taxonomy: Taxonomy, changes: Mapping[int, CellClass | None]) -> Taxonomy:
    """Return the taxonomy with some classes changed.

    Args:
        taxonomy: The present one.
        changes: By ordinal; None takes a class of the workspace away.

    Raises:
        ValueError: If a change stands at a wrong place.
    """
    classes = dict(enumerate(taxonomy.classes))
    for ordinal, cell_class in changes.items():
        if cell_class is None:
            classes.pop(ordinal, None)
        else:
            classes[ordinal] = cell_class
    definitions = {
        ordinal: stored_definition(taxonomy, ordinal, c) for ordinal, c in classes.items()
    }
    return with_definitions(
        taxonomy.root, {o: text for o, text in definitions.items() if text is not None}
    )


def _checked(taxonomy: Taxonomy, changes: ClassChanges) -> ClassChanges:
    """Refuse changes that the taxonomy could not be worked with; leave out what is no change."""
    try:
        check_taxonomy(apply_changes(taxonomy, changes))
    except ValueError as error:
        raise UserError("The classes cannot be so", str(error)) from error
    present = dict(enumerate(taxonomy.classes))
    return {
        ordinal: c
        for ordinal, c in changes.items()
        if ordinal not in present
        or stored_definition(taxonomy, ordinal, c) != _kept_now(taxonomy, ordinal)
    }


def _kept_now(taxonomy: Taxonomy, ordinal: int) -> str | None:
    return stored_definition(taxonomy, ordinal, taxonomy.classes[ordinal])


def _known(taxonomy: Taxonomy, class_id: str) -> CellClass:
    known = taxonomy.by_id.get(class_id)
    if known is None:
        raise UserError("There is no such class", class_id, "Choose one of the list.")
    return known


def _unused_id(name: str, taken: Container[str], ordinal: int) -> str:
    own_id = _latin(name) or f"class_{ordinal}"
    numbered = (f"{own_id}_{number}" for number in count(ordinal))
    return next(found for found in chain([own_id], numbered) if found not in taken)


def _latin(name: str) -> str:
    """Return a name in lower-case Latin letters, digits and underscores."""
    signs = unicodedata.normalize("NFKD", name.casefold())
    return _NOT_ID.sub("_", signs.encode("ascii", "ignore").decode()).strip("_")
