"""Ranges in a filter text: ``<0.7``, ``>=70%``, ``0.2..0.7`` for shares, ``>1`` for counts.

A cell passes a bound of a filter if it equals it, in single precision. So ``<0.7`` becomes the
number just below 0.7, and is written as ``<0.7`` again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wbc_desktop.domain.filter.words import FilterTextError, Value, Word

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
