"""The words of a filter as it is typed: ``-class:monocyte,blast`` is a key, values and a sign.

Only the shape is read here; what keys and values mean is in ``filter_keys``. Quotation marks keep
spaces and commas inside a value; two of them in a row stand for one.
"""

import re
from dataclasses import dataclass

from wbc_desktop.domain.errors import UserError

_KEY = re.compile(r'-?([^\s:",]+):')
_PLAIN = re.compile(r'[^\s,"]+')


@dataclass(eq=False, kw_only=True)
class FilterTextError(UserError):
    """A filter text that cannot be read.

    Attributes:
        start: First letter of what is wrong, counted from 0.
        stop: One past the last.
    """

    start: int = 0
    stop: int = 0


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value of a word.

    Attributes:
        text: The value without its quotation marks.
        start: Where it begins in the text.
        stop: One past its end.
        closed: False if its last quotation mark is missing.
    """

    text: str
    start: int
    stop: int
    closed: bool = True


@dataclass(frozen=True, kw_only=True)
class Word:
    """One condition of a filter text.

    Attributes:
        key: What stands before the colon, or empty if there is none.
        values: What stands after it, at least one, perhaps empty.
        negated: True if a minus sign stands before it.
        start: Where it begins in the text.
        stop: One past its end.
    """

    key: str
    values: tuple[Value, ...]
    negated: bool
    start: int
    stop: int


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order; also of one that is not finished yet."""
    found: list[Word] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found.append(_word(text, at))
        at = found[-1].stop
    return found


def quoted(value: str) -> str:
    """Return a value as it is typed: in quotation marks where it needs them."""
    if _PLAIN.fullmatch(value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _word(text: str, start: int) -> Word:
    key = _KEY.match(text, start)
    negated = text[start] == "-"
    at = key.end() if key else start + negated
    values = [_value(text, at)]
    while values[-1].stop < len(text) and text[values[-1].stop] == ",":
        values.append(_value(text, values[-1].stop + 1))
    return Word(
        key=key[1].casefold() if key else "",
        values=tuple(values),
        negated=negated,
        start=start,
        stop=values[-1].stop,
    )


def _value(text: str, start: int) -> Value:
    """Read plain and quoted pieces up to a space or comma outside quotation marks."""
    pieces: list[str] = []
    at = start
    while at < len(text) and not (text[at].isspace() or text[at] == ","):
        plain = _PLAIN.match(text, at)
        if plain:
            pieces.append(plain[0])
            at = plain.end()
            continue
        piece, at = _quotation(text, at + 1)
        if at < 0:
            pieces.append(piece)
            return Value(text="".join(pieces), start=start, stop=len(text), closed=False)
        pieces.append(piece)
    return Value(text="".join(pieces), start=start, stop=at)


def _quotation(text: str, start: int) -> tuple[str, int]:
    """Return what stands between quotation marks and where the text goes on; −1 if open."""
    at = start
    while (end := text.find('"', at)) >= 0:
        if text[end + 1 : end + 2] != '"':
            return text[start:end].replace('""', '"'), end + 1
        at = end + 2
    return text[start:].replace('""', '"'), -1
