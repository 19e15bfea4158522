"""What can be typed next in a filter text: keys first, then the values of a key."""

from collections.abc import Iterable
from dataclasses import dataclass

from wbc_desktop.domain.filter.choice_keys import Option
from wbc_desktop.domain.filter.keys import KEYS, KEYS_BY_NAME
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.words import Word, quoted, words_of

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
