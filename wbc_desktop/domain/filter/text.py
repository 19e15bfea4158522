"""A filter as typed text, ``class:monocyte conf:<0.7 status:unreviewed``, and back.

Words narrow down, values after one key add up, a minus sign before a word turns it round. Whatever
``filter_text`` writes, ``parse_filter`` reads as the same filter. ``completion`` offers what can be
typed next.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.choice_keys import EXACTLY, ClassKey, Option
from wbc_desktop.domain.filter.keys import KEYS, KEYS_BY_NAME, FilterKey, common_patients_and_slides
from wbc_desktop.domain.filter.names import UNCLASSIFIED, FilterNames, nearest
from wbc_desktop.domain.filter.syntax import FilterTextError, Value, Word, quoted, words_of

PATIENTS_AND_SLIDES = ("patients", "slides")
_LEAST = "min_"  # of two bounds with this at the head of their field, the greater one counts


@dataclass(frozen=True)
class Facet:
    """One condition of a filter, by itself.

    Attributes:
        key: Its key.
        filter: A filter that asks only this.
        words: What it asks, for people.
        text: What it asks, as typed.
    """

    key: str
    filter: Filter
    words: str
    text: str


def parse_filter(text: str, names: FilterNames) -> Filter:
    """Return the filter that a text asks for.

    Args:
        text: As typed; empty asks nothing.
        names: What can be named.

    Raises:
        FilterTextError: If it cannot be read, or no cell could ever pass; says where.
    """
    wanted = Filter()
    for word in words_of(text):
        asked = _key(word, names).read(_complete(word, text), names)
        wanted = _both(wanted, asked, names)
        if _impossible(wanted):
            raise _error(
                word, "No cell can pass both this and what stands before it", "Remove one of them."
            )
    return wanted


def filter_text(wanted: Filter, names: FilterNames) -> str:
    """Return a filter as the text that ``parse_filter`` reads as this filter."""
    return " ".join(filter(None, (key.write(wanted, names) for key in KEYS)))


def facets(wanted: Filter, names: FilterNames) -> Sequence[Facet]:
    """Return the conditions of a filter one by one, in the order of the keys."""
    found = []
    for key in KEYS:
        alone = only(wanted, key.fields)
        if key.fields and alone != Filter():
            found.append(Facet(key.name, alone, key.say(alone, names), key.write(alone, names)))
    return found


def only(wanted: Filter, kept: Sequence[str]) -> Filter:
    """Return a filter that asks just what some fields of another ask."""
    asked: Mapping[str, Any] = {name: getattr(wanted, name) for name in kept}
    return Filter(**asked)


def without(wanted: Filter, key_name: str) -> Filter:
    """Return a filter without the condition of one key."""
    return replace(wanted, **dict.fromkeys(KEYS_BY_NAME[key_name].fields))


def without_patients_and_slides(wanted: Filter) -> Filter:
    """Return a filter of all patients and slides."""
    return replace(wanted, **dict.fromkeys(PATIENTS_AND_SLIDES))


def _key(word: Word, names: FilterNames) -> FilterKey:
    if word.key in KEYS_BY_NAME:
        return KEYS_BY_NAME[word.key]
    if word.key:
        hint = nearest(word.key, [key.name for key in KEYS])
        raise _error(word, f"There is no filter “{word.key}:”", hint or _all_keys())
    raise _error(word, f"“{word.values[0].text}” needs a key before it", _meant(word, names))


def _complete(word: Word, text: str) -> Word:
    """Refuse a word that is not finished."""
    for value in word.values:
        if not value.closed:
            raise FilterTextError(
                "A quotation mark is missing at the end",
                advice=f'Type {text[value.start :]}".',
                start=value.start,
                stop=value.stop,
            )
        if value.start == value.stop:
            raise _error(word, f"A value is missing after “{word.key}:”", "Type one, or remove it.")
    return word


def _meant(word: Word, names: FilterNames) -> str:
    """Return what somebody may mean who types a value without its key."""
    text = word.values[0].text
    class_id = names.taxonomy.resolve(text)
    if class_id is not None:
        return f"Did you mean class:{class_id}?"
    if text.casefold() in KEYS_BY_NAME:
        return f"Did you mean {text.casefold()}:yes?"
    for key in KEYS:
        for option in key.options(names):
            if option.value.casefold() == text.casefold():
                return f"Did you mean {key.name}:{quoted(option.value)}?"
    return _all_keys()


def _all_keys() -> str:
    return f"The keys are {', '.join(key.name for key in KEYS)}."


def _both(one: Filter, other: Filter, names: FilterNames) -> Filter:
    """Return the filter that passes what two others both pass."""
    chosen = common_patients_and_slides(
        only_patients_and_slides(one), only_patients_and_slides(other), names
    )
    asked: dict[str, Any] = {name: getattr(chosen, name) for name in PATIENTS_AND_SLIDES}
    for field in fields(Filter):
        if field.name not in PATIENTS_AND_SLIDES:
            pair = (getattr(one, field.name), getattr(other, field.name))
            asked[field.name] = _stricter(field.name, *pair)
    return Filter(**asked)


def _stricter(field: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - of any field's type
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, bool):
        return one if one is other else frozenset()  # nothing is both
    if field.endswith("attributes"):
        return one | other  # a cell shows several
    if isinstance(one, frozenset):
        return one & other
    return max(one, other) if field.startswith(_LEAST) else min(one, other)


def _impossible(wanted: Filter) -> bool:
    asked = {field.name: getattr(wanted, field.name) for field in fields(Filter)}
    if asked["patients"] == asked["slides"] == frozenset():
        return True
    if any(
        value == frozenset() for name, value in asked.items() if name not in PATIENTS_AND_SLIDES
    ):
        return True
    lows = {name: low for name, low in asked.items() if name.startswith(_LEAST)}
    highs = {name: asked[f"max_{name.removeprefix(_LEAST)}"] for name in lows}
    return any(
        low is not None and highs[name] is not None and low > highs[name]
        for name, low in lows.items()
    )


def _error(word: Word, title: str, advice: str) -> FilterTextError:
    return FilterTextError(title, advice=advice, start=word.start, stop=word.stop)


MOST = 50  # options offered at once


@dataclass(frozen=True)
class Completion:
    """What may stand in place of a piece of the text.

    Attributes:
        start: Where the piece begins.
        stop: One past its end.
        options: What may be put there, and what it means.
    """

    start: int
    stop: int
    options: tuple[Option, ...]


def completion(text: str, cursor: int, names: FilterNames) -> Completion:
    """Return what can be typed at the cursor.

    Args:
        text: The whole text.
        cursor: How many letters stand before the cursor.
        names: What can be named.
    """
    before = text[:cursor]
    word = next((w for w in words_of(before) if w.stop == cursor), None)
    if word is None or (before[-1:].isspace() and not _open(word)):
        return Completion(cursor, cursor, _keys("", ""))
    if not word.key:
        sign = "-" if word.negated else ""
        return Completion(word.start, cursor, _keys(word.values[-1].text, sign))
    if word.key not in KEYS_BY_NAME:
        return Completion(cursor, cursor, ())
    value = word.values[-1]
    options = (
        Option(_typed(option.value), option.hint)
        for option in _matching(KEYS_BY_NAME[word.key].options(names), value.text)
    )
    return Completion(value.start, cursor, tuple(options))


def _open(word: Word) -> bool:
    return not word.values[-1].closed


def _typed(value: str) -> str:
    # Ranges are typed as they are; their signs mean something.
    return value if value.startswith(("<", ">")) else quoted(value)


def _keys(begun: str, sign: str) -> tuple[Option, ...]:
    found = _matching((Option(key.name, key.hint) for key in KEYS), begun)
    return tuple(Option(f"{sign}{option.value}:", option.hint) for option in found)


def _matching(options: Iterable[Option], begun: str) -> list[Option]:
    """Return those that begin with what was typed, then those that hold it."""
    wanted = begun.casefold()
    heads: list[Option] = []
    inside: list[Option] = []
    for option in options:
        if option.value.casefold().startswith(wanted):
            heads.append(option)
        elif wanted in f"{option.value} {option.hint}".casefold():
            inside.append(option)
    return (heads + inside)[:MOST]


def with_new_taxonomy(wanted: Filter, old: FilterNames, new: FilterNames) -> Filter:
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
