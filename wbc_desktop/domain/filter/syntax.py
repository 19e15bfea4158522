"""The words of a filter as it is typed: ``-class:monocyte,blast`` is a key, values and a sign.

Only the shape is read here; what keys and values mean is in ``keys``. Quotation marks keep spaces
and commas inside a value; two of them in a row stand for one.

Ranges are ``<0.7``, ``>=70%``, ``0.2..0.7`` for shares, ``>1`` for counts. A cell passes a bound of
a filter if it equals it, in single precision. So ``<0.7`` becomes the number just below 0.7, and
is written as ``<0.7`` again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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


_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)"
_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥|=|)\s*{_NUMBER}")
_SPAN = re.compile(rf"{_NUMBER}\s*(?:\.\.+|…|–|-)\s*{_NUMBER}")
_SAME = {"≤": "<=", "≥": ">=", "": "="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value that pass; None asks nothing."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is bounded.

    Attributes:
        noun: Its name, for messages.
        example: How a range is typed, for messages.
        most: The greatest value there is, or None.
        beside: Returns the next value below (``<``) or above (``>``) one.
    """

    noun: str
    example: str
    most: float | None
    beside: Callable[[float, str], float]


def share(noun: str) -> Measure:
    """Return a measure in [0, 1], typed as a fraction or in percent."""
    return Measure(noun=noun, example="<0.7, >=70% or 0.2..0.7", most=1.0, beside=_next_float)


def count(noun: str) -> Measure:
    """Return a measure in whole numbers."""
    return Measure(noun=noun, example=">1, 2 or 2..3", most=None, beside=_next_whole)


def read_bounds(word: Word, measure: Measure) -> Bounds:
    """Read the one range of a word.

    Raises:
        FilterTextError: If it is no range, or one that nothing can lie in.
    """
    if len(word.values) > 1:
        last = word.values[-1]
        raise FilterTextError(
            f"{measure.noun} takes one range",
            advice=f"For example {word.key}:{measure.example.partition(',')[0]}.",
            start=word.values[1].start,
            stop=last.stop,
        )
    value = word.values[0]
    if bound := _BOUND.fullmatch(value.text):
        sign = _SAME.get(bound[1], bound[1])
        return _one_sided(sign, _number(bound[2], bound[3], value, measure), word, measure)
    span = _SPAN.fullmatch(value.text)
    if span is None:
        raise _error(f"“{value.text}” is no range", f"Type {measure.example}.", value)
    if word.negated:
        raise _error("A range with two ends has no opposite", "Type one of its sides.", value)
    low = _number(span[1], span[2] or span[4], value, measure)
    high = _number(span[3], span[4], value, measure)
    if low > high:
        raise _error(f"Nothing lies in {value.text}", "Type the smaller number first.", value)
    return Bounds(low, high)


def write_bounds(key: str, bounds: Bounds, measure: Measure) -> str:
    """Return the words that ``read_bounds`` reads as these bounds; empty for none."""
    low, high = bounds.low, bounds.high
    if low is not None and low == high:
        return f"{key}:{plain(low)}"
    below = None if low is None else _bound(">", low, measure)
    above = None if high is None else _bound("<", high, measure)
    if low is not None and high is not None and f"{below}{above}".count("=") == 2:
        return f"{key}:{plain(low)}..{plain(high)}"
    return " ".join(f"{key}:{each}" for each in (below, above) if each is not None)


def plain(number: float) -> str:
    """Return a number in as few digits as tell it from all others, without an exponent."""
    return np.format_float_positional(number, unique=True, trim="-")


def strict(bound: float, sign: str) -> str | None:
    """Return the number that a share lies just below (``<``) or above (``>``), if it is rounder."""
    beyond = np.nextafter(np.float32(bound), np.float32(2 if sign == "<" else -1))
    text = np.format_float_positional(beyond, unique=True, trim="-")
    if text.startswith("-") or len(text) >= len(plain(bound)):
        return None
    return text if _next_float(float(text), sign) == bound else None


def _bound(sign: str, bound: float, measure: Measure) -> str:
    beyond = strict(bound, sign) if measure.most is not None else None
    return f"{sign}={plain(bound)}" if beyond is None else f"{sign}{beyond}"


def _one_sided(sign: str, number: float, word: Word, measure: Measure) -> Bounds:
    if word.negated:
        if sign == "=":
            raise _error(
                "A single number has no opposite", "Type one of its sides.", word.values[0]
            )
        sign = _OPPOSITE[sign]
    if sign == "=":
        return Bounds(number, number)
    edge = number if sign.endswith("=") else measure.beside(number, sign)
    if edge < 0 or (measure.most is not None and edge > measure.most):
        raise _error(f"Nothing lies in {sign}{plain(number)}", "", word.values[0])
    return Bounds(high=edge) if sign.startswith("<") else Bounds(low=edge)


def _number(digits: str, percent: str, value: Value, measure: Measure) -> float:
    number = float(digits)
    if measure.most is None:
        if percent or not number.is_integer():
            raise _error(f"“{value.text}” is no count", f"Type {measure.example}.", value)
        return number
    if percent:
        number /= 100
    if number > measure.most:
        hint = f"Did you mean {plain(number)}%?" if 1 < number <= 100 else "The most is 100%."
        raise _error(f"{digits}{percent} is more than all", hint, value)
    return number


def _error(title: str, advice: str, value: Value) -> FilterTextError:
    return FilterTextError(title, advice=advice, start=value.start, stop=value.stop)


def _next_float(number: float, sign: str) -> float:
    return float(np.nextafter(np.float32(number), np.float32(-1 if sign == "<" else 2)))


def _next_whole(number: float, sign: str) -> float:
    return number - 1 if sign == "<" else number + 1
