"""Keys of a filter text that choose among names: class, state, reader, attribute, yes or no."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.names import UNCLASSIFIED, FilterNames, nearest
from wbc_desktop.domain.filter.syntax import FilterTextError, Value, Word, quoted
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.wording import counted

EXACTLY = "="  # before a class: this one, not those below it
_NAMED = 3  # so many names are told before they are only counted
T = TypeVar("T")

HUMAN = frozenset(Status) - {Status.UNREVIEWED}
STATUS_TEXTS = {
    Status.UNREVIEWED: "Not reviewed",
    Status.ACCEPTED: "Accepted",
    Status.CORRECTED: "Corrected",
    Status.UNDECIDED: "Unidentified",
    Status.EXCLUDED: "Artefact",
}
_STATUSES = {
    **{status.value: frozenset({status}) for status in Status},
    "reviewed": HUMAN,
    "unidentified": frozenset({Status.UNDECIDED}),
    "artefact": frozenset({Status.EXCLUDED}),
}
_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})


class Option(NamedTuple):
    """A value that can be typed, and what it means."""

    value: str
    hint: str


class ClassKey:
    """``class:``: the label that counts. A parent stands for all classes below it."""

    name = "class"
    aliases: tuple[str, ...] = ("label",)
    fields: tuple[str, ...] = ("classes",)
    hint = "the label that counts, by id, code or name"

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return the classes of a word; unknown ones are refused."""
        chosen = _union(_class(value, names) for value in word.values)
        return Filter(classes=names.class_ordinals - chosen if word.negated else chosen)

    def write(self, wanted: Filter, names: FilterNames) -> str:
        """Return the classes of a filter, or those left out where these are fewer."""
        if wanted.classes is None:
            return ""
        with_, without = (
            _class_values(some, names)
            for some in (wanted.classes, names.class_ordinals - wanted.classes)
        )
        if without and len(without) < len(with_):
            return f"-{self.name}:{','.join(without)}"
        return f"{self.name}:{','.join(with_)}"

    def say(self, wanted: Filter, names: FilterNames) -> str:
        """Return the classes in short."""
        chosen = wanted.classes or frozenset()
        told, others = (_codes(some, names) for some in (chosen, names.class_ordinals - chosen))
        if len(told) <= _NAMED:
            return f"Class: {', '.join(told)}"
        if 0 < len(others) <= _NAMED:
            return f"Class: not {', '.join(others)}"
        return f"Class: {len(chosen)} of {len(names.class_ordinals)}"

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return every class."""
        rows = [Option(c.id, f"{c.code}  {c.name}") for c in names.taxonomy.classes]
        return [*rows, Option(UNCLASSIFIED, "Not classified yet")]


class StatusKey:
    """``status:``: where the review stands."""

    name = "status"
    aliases: tuple[str, ...] = ("review",)
    fields: tuple[str, ...] = ("statuses",)
    hint = "where the review stands"

    def read(self, word: Word, names: FilterNames) -> Filter:  # noqa: ARG002  # the protocol's
        """Return the states of a word."""
        chosen = _union(_looked_up(value, _STATUSES, "review state") for value in word.values)
        return Filter(statuses=frozenset(Status) - chosen if word.negated else chosen)

    def write(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the states of a filter."""
        if wanted.statuses is None:
            return ""
        if wanted.statuses == HUMAN:
            return f"{self.name}:reviewed"
        return f"{self.name}:{','.join(s.value for s in Status if s in wanted.statuses)}"

    def say(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the states as the box above the gallery calls them."""
        if wanted.statuses == HUMAN:
            return "Reviewed"
        told = [STATUS_TEXTS[status] for status in Status if status in (wanted.statuses or ())]
        return " or ".join(told) if len(told) <= _NAMED else f"{len(told)} review states"

    def options(self, names: FilterNames) -> Sequence[Option]:  # noqa: ARG002  # the protocol's
        """Return every state."""
        rows = [Option(status.value, STATUS_TEXTS[status]) for status in Status]
        return [rows[0], Option("reviewed", "Labelled or accepted by a person"), *rows[1:]]


class ReaderKey:
    """``reader:``: who reviewed the cell last."""

    name = "reader"
    aliases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("readers",)
    hint = "who reviewed it last"

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return the readers of a word; one who has reviewed nothing is refused."""
        table = {name.casefold(): frozenset({name}) for name in names.readers}
        table |= {name: frozenset({name}) for name in names.readers}
        chosen = _union(_looked_up(value, table, "reader") for value in word.values)
        return Filter(readers=frozenset(names.readers) - chosen if word.negated else chosen)

    def write(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the readers of a filter."""
        if wanted.readers is None:
            return ""
        return f"{self.name}:{','.join(quoted(name) for name in sorted(wanted.readers))}"

    def say(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the readers."""
        readers = sorted(wanted.readers or ())
        told = ", ".join(readers) if len(readers) <= _NAMED else counted(len(readers), "name")
        return f"Reader: {told}"

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return every reader there is a review of."""
        return [Option(name, "") for name in sorted(names.readers, key=str.casefold)]


@dataclass(frozen=True, kw_only=True)
class YesNoKey:
    """A condition that holds for a cell or not.

    Attributes:
        name: The key.
        field: Its field in ``Filter``.
        yes: What it says of a cell.
        no: What its opposite says.
        aliases: Other words for the key.
    """

    name: str
    field: str
    yes: str
    no: str
    aliases: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Its field in ``Filter``."""
        return (self.field,)

    @property
    def hint(self) -> str:
        """What it asks."""
        return f"{self.yes.lower()}, or not"

    def read(self, word: Word, names: FilterNames) -> Filter:  # noqa: ARG002  # the protocol's
        """Return what a word asks: yes or no."""
        value = word.values[0]
        answer = value.text.casefold()
        if len(word.values) > 1 or answer not in _YES | _NO:
            raise FilterTextError(
                f"{word.key}: takes yes or no",
                advice=f"Type {word.key}:yes or {word.key}:no.",
                start=value.start,
                stop=word.stop,
            )
        asked: dict[str, Any] = {self.field: (answer in _YES) is not word.negated}
        return Filter(**asked)

    def write(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return what a filter asks."""
        asked = getattr(wanted, self.field)
        return "" if asked is None else f"{self.name}:{'yes' if asked else 'no'}"

    def say(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return it in words."""
        return self.yes if getattr(wanted, self.field) else self.no

    def options(self, names: FilterNames) -> Sequence[Option]:  # noqa: ARG002  # the protocol's
        """Return both answers."""
        return [Option("yes", self.yes), Option("no", self.no)]


def _class(value: Value, names: FilterNames) -> frozenset[int]:
    text = value.text.removeprefix(EXACTLY)
    if text.casefold() in {UNCLASSIFIED, "–"}:
        return frozenset({NO_CLASS})
    class_id = names.taxonomy.resolve(text)
    if class_id is None:
        known = {w: c.id for c in names.taxonomy.classes for w in (c.id, c.name, *c.aliases)}
        raise FilterTextError(
            f"No class is called “{text}”",
            advice=nearest(text, known) or "The palette below the cells lists all classes.",
            start=value.start,
            stop=value.stop,
        )
    ordinal = names.taxonomy.ordinals[class_id]
    if value.text.startswith(EXACTLY):
        return frozenset({ordinal})
    return names.families.get(ordinal, frozenset({ordinal}))


def _class_values(chosen: frozenset[int], names: FilterNames) -> list[str]:
    """Return how classes are typed."""
    return [
        UNCLASSIFIED
        if ordinal == NO_CLASS
        else f"{'' if whole or ordinal not in names.families else EXACTLY}"
        f"{names.taxonomy.classes[ordinal].id}"
        for ordinal, whole in _by_family(chosen, names)
    ]


def _codes(chosen: frozenset[int], names: FilterNames) -> list[str]:
    """Return classes by their codes."""
    return [
        "none yet"
        if ordinal == NO_CLASS
        else f"{'all ' if whole else ''}{names.taxonomy.classes[ordinal].code}"
        for ordinal, whole in _by_family(chosen, names)
    ]


def _by_family(chosen: frozenset[int], names: FilterNames) -> list[tuple[int, bool]]:
    """Return classes in order, −1 last; one parent with True for a family that is all there."""
    left = set(chosen)
    found: dict[int, bool] = {}
    for ordinal, family in sorted(names.families.items(), key=lambda row: -len(row[1])):
        if ordinal in left and family <= chosen:
            found[ordinal] = True
            left -= family
    found |= dict.fromkeys(left, False)
    return sorted(found.items(), key=lambda row: (row[0] == NO_CLASS, row[0]))


def _looked_up(value: Value, table: dict[str, frozenset[T]], noun: str) -> frozenset[T]:
    found = table.get(value.text) or table.get(value.text.casefold())
    if not found:
        raise FilterTextError(
            f"There is no {noun} “{value.text}”",
            advice=nearest(value.text, table) or _list(table),
            start=value.start,
            stop=value.stop,
        )
    return found


def _list(table: Iterable[str]) -> str:
    known = sorted(table)
    return f"There are {', '.join(known)}." if 0 < len(known) <= 10 else ""


def _union(sets: Iterable[frozenset[T]]) -> frozenset[T]:
    found: frozenset[T] = frozenset()
    for each in sets:
        found |= each
    return found


class AttributeKey:
    """``attr:``: cells that show an attribute; with a minus sign, those that do not."""

    name = "attr"
    aliases: tuple[str, ...] = ("attribute", "shows")
    fields: tuple[str, ...] = ("with_attributes", "without_attributes")
    hint = "an attribute that a person saw"

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return the attribute of a word; unknown ones are refused, and so are several."""
        value = word.values[0]
        if len(word.values) > 1:
            both = " ".join(f"{word.key}:{part.text}" for part in word.values)
            raise FilterTextError(
                f"{word.key}: takes one attribute",
                advice=f"Type {both} for cells that show all of them.",
                start=value.start,
                stop=word.stop,
            )
        own_id = names.vocabulary.resolve(value.text)
        if own_id is None:
            known = {w: a.id for a in names.vocabulary.attributes for w in (a.id, a.name)}
            raise FilterTextError(
                f"No attribute is called “{value.text}”",
                advice=nearest(value.text, known) or "The key A lists all attributes.",
                start=value.start,
                stop=value.stop,
            )
        bit = frozenset({names.vocabulary.bits[own_id]})
        return Filter(without_attributes=bit) if word.negated else Filter(with_attributes=bit)

    def write(self, wanted: Filter, names: FilterNames) -> str:
        """Return a word for each attribute of a filter."""
        words = [f"{self.name}:{i}" for i in _ids(wanted.with_attributes, names)]
        words += [f"-{self.name}:{i}" for i in _ids(wanted.without_attributes, names)]
        return " ".join(words)

    def say(self, wanted: Filter, names: FilterNames) -> str:
        """Return the attributes."""
        told = [*names.vocabulary.names(_ids(wanted.with_attributes, names))]
        without = names.vocabulary.names(_ids(wanted.without_attributes, names))
        return ", ".join([*told, *(f"not {name}" for name in without)])

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return every attribute."""
        return [Option(a.id, a.name) for a in names.vocabulary.attributes]


def _ids(bits: frozenset[int] | None, names: FilterNames) -> list[str]:
    attributes = names.vocabulary.attributes
    return [attributes[bit].id for bit in sorted(bits or ()) if bit < len(attributes)]
