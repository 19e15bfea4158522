"""``attr:`` in a filter text: the attributes that a person saw."""

from collections.abc import Sequence

from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.choice_keys import Option
from wbc_desktop.domain.filter.names import FilterNames, nearest
from wbc_desktop.domain.filter.words import FilterTextError, Word


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
