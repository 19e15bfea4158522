"""What a taxonomy that a workspace has changed must fulfil, told in the user's words."""

import re
from collections.abc import Iterable

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import (
    ARTEFACT,
    UNIDENTIFIED,
    CellClass,
    Taxonomy,
    alias_key,
)
from wbc_desktop.domain.taxonomy.contrast import (
    DARK_SURFACE,
    LEAST_CONTRAST,
    LIGHT_SURFACE,
    contrast,
    is_colour,
)

CLASS_KEYS = tuple("1234567890BDIJKLMOTUWXY")
"""The single keys that no command of the window needs, in the order they are offered."""
MAX_NAME = 60
_CODE = re.compile(r"[A-Z0-9]{3}")
REQUIRED = {
    UNIDENTIFIED: "the program needs a class for cells that nobody can name",
    ARTEFACT: "the program needs a class for what is no cell",
}


def check_taxonomy(taxonomy: Taxonomy) -> None:
    """Refuse a taxonomy that could not be worked with.

    Raises:
        UserError: Names the class and what is wrong with it.
    """
    for cell_class in taxonomy.classes:
        check_name(cell_class.name)
        check_code(cell_class.code)
        check_colours(cell_class.colour_light, cell_class.colour_dark)
        _check_parent(taxonomy, cell_class)
    _check_unlike(taxonomy.classes)
    _check_keys(taxonomy.offered)
    _check_needed(taxonomy)


def check_name(name: str) -> None:
    """Refuse a name that cannot be shown."""
    if not name.strip() or not name.isprintable() or not alias_key(name):
        raise UserError(
            "A class has no name", name.strip(), "Type a name with at least one letter."
        )
    if len(name) > MAX_NAME:
        raise UserError(
            "The name of a class is too long", name, f"Use at most {MAX_NAME} characters."
        )


def check_code(code: str) -> None:
    """Refuse a code that does not fit on a tile."""
    if not _CODE.fullmatch(code):
        raise UserError(
            "The code of a class is three letters",
            code or "no code",
            "Type three of A to Z, 0 to 9.",
        )


def check_colours(light: str, dark: str) -> None:
    """Refuse colours that cannot be told from the ground they are shown on."""
    for colour, surface, theme in ((light, LIGHT_SURFACE, "light"), (dark, DARK_SURFACE, "dark")):
        if not is_colour(colour):
            raise UserError("This is no colour", colour or "nothing", "Write it as #RRGGBB.")
        if contrast(colour, surface) < LEAST_CONTRAST:
            raise UserError(
                f"The colour cannot be told from the ground of the {theme} theme",
                f"{colour} has a contrast of {contrast(colour, surface):.1f} : 1",
                f"Choose one with at least {LEAST_CONTRAST:.0f} : 1.",
            )


def _check_parent(taxonomy: Taxonomy, cell_class: CellClass) -> None:
    above = taxonomy.by_id.get(cell_class.parent or "")
    if not taxonomy.own(cell_class.id) or above is None:
        return
    if above.id in REQUIRED:
        raise UserError(
            "A class cannot stand below this one", f"{cell_class.name} below {above.name}"
        )
    if above.merged_into is not None and cell_class.merged_into is None:
        raise UserError(
            "The parent of a class was merged away",
            f"{cell_class.name} below {above.name}",
            "Choose another parent first.",
        )
    if above.counted != cell_class.counted:
        raise UserError(
            "A class counts where its parent does",
            f"{cell_class.name} below {above.name}",
            "Let both be part of the 100 %, or neither.",
        )


def _check_unlike(classes: Iterable[CellClass]) -> None:
    """Refuse two classes that one word means."""
    meant: dict[str, CellClass] = {}
    for cell_class in classes:
        for word in (cell_class.id, cell_class.name, cell_class.code):
            other = meant.setdefault(alias_key(word), cell_class)
            if other is not cell_class:
                raise UserError(
                    "Two classes would be called alike",
                    f"“{word}” would mean both {other.code} and {cell_class.code}",
                    "Choose another name or code.",
                )


def _check_keys(offered: Iterable[CellClass]) -> None:
    taken: dict[str, CellClass] = {}
    for cell_class in offered:
        key = cell_class.hotkey
        if not key:
            continue
        if key not in CLASS_KEYS:
            raise UserError(
                "A class cannot have this key",
                f"{key} for {cell_class.name}",
                f"Choose one of {' '.join(CLASS_KEYS)}, or none.",
            )
        if key in taken:
            raise UserError(
                "Two classes would have one key",
                f"{key} for {taken[key].name} and for {cell_class.name}",
                "Give one of them another key, or none.",
            )
        taken[key] = cell_class


def _check_needed(taxonomy: Taxonomy) -> None:
    for class_id, reason in REQUIRED.items():
        if class_id in taxonomy.by_id and not taxonomy.by_id[class_id].offered:
            name = taxonomy.by_id[class_id].name
            raise UserError(f"{name} cannot be hidden or merged", reason)
    for cell_class in taxonomy.classes:
        if cell_class.merged_into in REQUIRED:
            raise UserError(
                "Nothing can be merged into this class",
                f"{cell_class.name} into {taxonomy.by_id[cell_class.merged_into or ''].name}",
                "Label the cells instead: that gives them the right review state.",
            )
