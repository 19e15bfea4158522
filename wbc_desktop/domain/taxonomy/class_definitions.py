"""Classes as a workspace keeps them: what it changed of the taxonomy, and what it added.

A definition belongs to an ordinal. Those of the taxonomy's own classes keep their ordinals, ids
and parents for ever; the workspace's classes follow behind, without gaps. To let a workspace change
one more thing about a class, add it to ``_KEPT``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wbc_desktop.domain.audit.events import canonical
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy, alias_key

_TEXTS = ("id", "code", "name", "hotkey", "colour_light", "colour_dark")
_PERHAPS = ("parent", "merged_into")
_SWITCHES = ("counted", "hidden")
_KEPT = (*_TEXTS, *_PERHAPS, *_SWITCHES)
_OWN_BY_NATURE = ("id", "parent", "counted")  # of a class of the taxonomy these never change


def definition(cell_class: CellClass) -> str:
    """Return a class as the workspace keeps it: canonical JSON."""
    return canonical({name: getattr(cell_class, name) for name in _KEPT})


def with_definitions(base: Taxonomy, definitions: Mapping[int, str]) -> Taxonomy:
    """Return a taxonomy as a workspace has changed it.

    Args:
        base: The taxonomy; if it is a changed one, that which it was made from.
        definitions: What ``definition`` gave, by ordinal.

    Raises:
        ValueError: If a definition is damaged or stands at a wrong place.
    """
    base = base.root
    if not definitions:
        return base
    classes = list(base.classes)
    for ordinal in sorted(definitions):
        said = _parsed(definitions[ordinal])
        if 0 <= ordinal < len(base.classes):
            classes[ordinal] = _changed(base.classes[ordinal], said)
        elif ordinal == len(classes):
            classes.append(CellClass(**said, leaf=False))
        else:
            raise ValueError(f"class {ordinal} stands where {len(classes)} should")
    ids = [c.id for c in classes]
    if len(set(ids)) < len(ids):
        raise ValueError("two classes have one id")
    for cell_class in classes:
        for named in (cell_class.parent, cell_class.merged_into):
            if named is not None and named not in ids:
                raise ValueError(f"class {cell_class.id} names {named}, which does not exist")
    digest = hashlib.sha256(canonical([definition(c) for c in classes]).encode()).hexdigest()
    made = Taxonomy(f"{base.version}+{digest[:8]}", _without_clashes(classes), base)
    _refuse_circles(made)
    return made


def stored_definition(taxonomy: Taxonomy, ordinal: int, cell_class: CellClass) -> str | None:
    """Return what a workspace must keep of a class; None where it is as the taxonomy has it."""
    base = taxonomy.root.classes
    if ordinal < len(base) and definition(base[ordinal]) == definition(cell_class):
        return None
    return definition(cell_class)


def defined_id(text: str) -> str:
    """Return the id of the class that a definition is of.

    Raises:
        ValueError: If it is damaged.
    """
    return str(_parsed(text)["id"])


def _changed(base: CellClass, said: Mapping[str, Any]) -> CellClass:
    for name in _OWN_BY_NATURE:
        if said[name] != getattr(base, name):
            raise ValueError(f"class {base.id} has another {name}")
    # Data sets keep calling it what it was called.
    older = (base.name, base.code) if (base.name, base.code) != (said["name"], said["code"]) else ()
    return replace(base, **said, aliases=(*base.aliases, *older))


def _without_clashes(classes: list[CellClass]) -> tuple[CellClass, ...]:
    """Drop aliases that are the id, name or code of another class now: these go first."""
    taken = {alias_key(text): c.id for c in classes for text in (c.id, c.name, c.code)}
    return tuple(
        replace(
            c,
            aliases=tuple(text for text in c.aliases if taken.get(alias_key(text), c.id) == c.id),
        )
        for c in classes
    )


def _refuse_circles(taxonomy: Taxonomy) -> None:
    for follow in ("parent", "merged_into"):
        for cell_class in taxonomy.classes:
            seen = {cell_class.id}
            above = getattr(cell_class, follow)
            while above is not None:
                if above in seen:
                    raise ValueError(f"class {cell_class.id} stands below itself")
                seen.add(above)
                above = getattr(taxonomy.by_id[above], follow)


def _parsed(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
        found: dict[str, Any] = {name: said[name] for name in _KEPT}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"the definition of a class is damaged: {text!r}") from error
    right = (
        all(isinstance(found[name], str) for name in _TEXTS)
        and all(isinstance(found[name], str | None) for name in _PERHAPS)
        and all(isinstance(found[name], bool) for name in _SWITCHES)
    )
    if not right:
        raise ValueError(f"the definition of a class is damaged: {text!r}")
    return found
