"""Finding a command by a few letters of its words. Pure; the palette shows what is found."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_EXACT, _START, _INSIDE, _ASIDE, _SCATTERED = 100, 80, 50, 30, 10


@dataclass(frozen=True)
class Searchable:
    """What can be found.

    Attributes:
        id: Name in code.
        title: What the reader sees.
        aside: Further words that find it, with less weight.
    """

    id: str
    title: str
    aside: str = ""


def found(query: str, among: Iterable[Searchable], *, recent: Sequence[str] = ()) -> list[str]:
    """Return the ids of what a query finds, best first.

    Every word of the query must be found. Where two are found equally well, the one used last comes
    first, then the one that stands first.

    Args:
        query: As typed; an empty one finds everything.
        among: In the order of the table.
        recent: Ids, last used first.
    """
    words = _words(query)
    ranked = []
    for place, one in enumerate(among):
        fits = [_fit(word, one) for word in words]
        if all(fits):
            used = recent.index(one.id) if one.id in recent else len(recent)
            ranked.append((-sum(fits), used, place, one.id))
    return [name for *_, name in sorted(ranked)]


def _fit(word: str, one: Searchable) -> int:
    """Return how well a word fits; 0 if it does not."""
    title = one.title.casefold()
    tokens = _words(title)
    if word in tokens:
        return _EXACT
    if any(token.startswith(word) for token in tokens):
        return _START
    if word in title:
        return _INSIDE
    if any(token.startswith(word) for token in _words(one.aside)):
        return _ASIDE
    return _SCATTERED if _scattered(word, tokens) else 0


def _scattered(word: str, tokens: Sequence[str]) -> bool:
    """Tell whether the letters stand in a title in this order, the first one at a word's start."""
    for first, token in enumerate(tokens):
        if token[0] != word[0]:
            continue
        rest = iter("".join(tokens[first:]))
        if all(letter in rest for letter in word):
            return True
    return False


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
