"""Morphology attributes: what a person says of a cell beside its class.

Five are built in; a workspace may define more of its own. A cell carries any number of them. Ids
are never reused or renamed, because events and exports refer to them for ever. To add a built-in
one, append it to ``_BUILT_IN``: its position is its bit in numpy columns.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from wbc_desktop.domain.audit.events import canonical
from wbc_desktop.domain.errors import UserError

MAX_ATTRIBUTES = 32
"""Bits of the column that carries them."""

MAX_NAME = 60
_LETTER = re.compile(r"[A-Z0-9]")
_NOT_ID = re.compile(r"[^a-z0-9]+")
_SEPARATOR = ";"


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One morphology attribute.

    Attributes:
        id: Stable id, snake_case; written to events and exports.
        letter: The key that toggles it after the leader key: ``A`` to ``Z`` or a digit.
        name: For people.
    """

    id: str
    letter: str
    name: str


@dataclass(frozen=True)
class Vocabulary:
    """The attributes of a workspace; the position of one is its bit in numpy columns.

    Attributes:
        attributes: The built-in ones, then those of the workspace in the order they were defined.
    """

    attributes: tuple[Attribute, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Attribute]:
        """Attributes by id."""
        return MappingProxyType({a.id: a for a in self.attributes})

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """Bit of each id, 0 for the first."""
        return MappingProxyType({a.id: bit for bit, a in enumerate(self.attributes)})

    @cached_property
    def by_letter(self) -> Mapping[str, Attribute]:
        """Attributes by letter."""
        return MappingProxyType({a.letter: a for a in self.attributes})

    def mask(self, ids: Iterable[str]) -> int:
        """Return some attributes as bits; ids that are not known are left out."""
        return sum({1 << self.bits[i] for i in ids if i in self.bits})

    def names(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return names for people, in order; an id that is not known stands for itself."""
        ordered = sorted(ids, key=lambda i: (self.bits.get(i, MAX_ATTRIBUTES), i))
        return tuple(self.by_id[i].name if i in self.by_id else i for i in ordered)

    def resolve(self, text: str) -> str | None:
        """Return the id that an id, a name or its first word means, or None."""
        wanted = _compared(text)
        for attribute in self.attributes:
            if wanted in (_compared(attribute.id), _compared(attribute.name)):
                return attribute.id
        begins = [a.id for a in self.attributes if wanted and _compared(a.id).startswith(wanted)]
        return begins[0] if len(begins) == 1 else None


def built_in() -> Vocabulary:
    """Return the attributes that every workspace has."""
    return Vocabulary(_BUILT_IN)


def with_own(definitions: Mapping[int, str]) -> Vocabulary:
    """Return the built-in attributes and those of a workspace.

    Args:
        definitions: What ``definition`` gave, by bit.

    Raises:
        ValueError: If one is damaged, or a bit is missing or taken.
    """
    attributes = list(_BUILT_IN)
    for bit in sorted(definitions):
        if bit != len(attributes):
            raise ValueError(f"attribute {bit} stands where {len(attributes)} should")
        attributes.append(_parsed(definitions[bit]))
    return Vocabulary(tuple(attributes))


def definition(attribute: Attribute) -> str:
    """Return an attribute as the workspace keeps it: canonical JSON."""
    return canonical({"id": attribute.id, "letter": attribute.letter, "name": attribute.name})


def defined(vocabulary: Vocabulary, *, name: str, letter: str) -> Attribute:
    """Return a new attribute.

    Args:
        vocabulary: Those there are.
        name: For people.
        letter: Its key after the leader key.

    Raises:
        UserError: If the name or the letter is no good or taken, or there is no room.
    """
    name = _checked_name(name)
    letter = letter.strip().upper()
    if len(vocabulary.attributes) >= MAX_ATTRIBUTES:
        raise UserError(
            "There is no room for another attribute",
            f"a workspace holds {MAX_ATTRIBUTES} of them",
            "Use a note instead.",
        )
    if not _LETTER.fullmatch(letter):
        raise UserError(
            "The key of an attribute is one letter or digit",
            letter or "no key",
            "Type one of A to Z or 0 to 9.",
        )
    if letter in vocabulary.by_letter:
        raise UserError(
            "The key is taken",
            f"{letter} is the key of “{vocabulary.by_letter[letter].name}”",
            "Choose another one.",
        )
    own_id = _id_of(name) or f"attribute_{len(vocabulary.attributes)}"
    if own_id in vocabulary.by_id or vocabulary.resolve(name) is not None:
        raise UserError("There is such an attribute already", name, "Choose another name.")
    return Attribute(id=own_id, letter=letter, name=name)


def joined(ids: Iterable[str]) -> str:
    """Return ids as the workspace keeps those of a cell."""
    return _SEPARATOR.join(sorted(set(ids)))


def split(text: str) -> tuple[str, ...]:
    """Return the ids of a cell, sorted."""
    return tuple(sorted({part for part in text.split(_SEPARATOR) if part}))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name.isprintable() or not _compared(name):
        raise UserError(
            "The attribute has no name", name, "Type a name with at least one letter or digit."
        )
    if len(name) > MAX_NAME:
        raise UserError(
            "The name is too long", f"{name[:20]}…", f"Use at most {MAX_NAME} characters."
        )
    return name


def _id_of(name: str) -> str:
    """Return a name as an id; empty where it has no Latin letter and no digit."""
    return _NOT_ID.sub("_", _without_marks(name)).strip("_")


def _compared(text: str) -> str:
    return "".join(sign for sign in _without_marks(text) if sign.isalnum())


def _without_marks(text: str) -> str:
    """Return a text without case, accents and umlauts."""
    signs = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


def _parsed(text: str) -> Attribute:
    try:
        said = json.loads(text)
        return Attribute(id=str(said["id"]), letter=str(said["letter"]), name=str(said["name"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"the definition of an attribute is damaged: {text!r}") from error


_BUILT_IN = (
    Attribute(id="toxic_granulation", letter="T", name="Toxic granulation"),
    Attribute(id="vacuoles", letter="V", name="Vacuoles"),
    Attribute(id="hypersegmentation", letter="H", name="Hypersegmentation"),
    Attribute(id="auer_rods", letter="A", name="Auer rods"),
    Attribute(id="dohle_bodies", letter="D", name="Döhle bodies"),
)
