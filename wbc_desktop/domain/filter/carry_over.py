"""A filter carried over from the classes as they were to the classes as they are now.

A filter holds classes by their place among all; what it means is what it says as text. So that is
what is carried over: all but one class stays all but this one, also where there is one more.
"""

from dataclasses import replace

from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.choice_keys import EXACTLY, ClassKey
from wbc_desktop.domain.filter.names import UNCLASSIFIED, FilterNames
from wbc_desktop.domain.filter.words import Value, Word, words_of


def carried_over(wanted: Filter, old: FilterNames, new: FilterNames) -> Filter:
    """Return a filter as it is meant with other classes.

    Classes that are gone are left out; where none is left, so is the condition.

    Args:
        wanted: The filter.
        old: The names it was made with.
        new: The names there are now.
    """
    if not wanted.classes:
        return wanted
    key = ClassKey()
    (word,) = words_of(key.write(wanted, old))
    known = replace(word, values=tuple(v for v in word.values if _is_known(v, new)))
    return replace(wanted, classes=_read(key, known, new))


def _is_known(value: Value, names: FilterNames) -> bool:
    class_id = value.text.removeprefix(EXACTLY)
    return class_id == UNCLASSIFIED or class_id in names.taxonomy.by_id


def _read(key: ClassKey, word: Word, names: FilterNames) -> frozenset[int] | None:
    return key.read(word, names).classes if word.values else None
