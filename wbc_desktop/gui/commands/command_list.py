"""What the command palette offers: every action of the table and every class, as they are now."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.commands.actions import ACTIONS, plain
from wbc_desktop.gui.commands.key_map import LABEL_AS, KeyMap
from wbc_desktop.settings import Settings

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


def search_commands(
    query: str, among: Iterable[Searchable], *, recent: Sequence[str] = ()
) -> list[str]:
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


RECENT = "recent_commands"
_REMEMBERED = 6
_NO_CELLS = "There are no cells yet: import a folder first"
_WHY = {
    "undo": "There is nothing to undo",
    "redo": "There is nothing to redo",
}
_NOT_NOW = "Not possible just now"


@dataclass(frozen=True, kw_only=True)
class Command:
    """One line of the palette.

    Attributes:
        what: Its id and the words that find it.
        group: The menu it stands in.
        key: Its first key, or empty.
        action: What it runs.
        why_not: Why it cannot be run now; empty if it can.
        recent: It is one of those used last.
    """

    what: Searchable
    group: str
    key: str
    action: QAction
    why_not: str
    recent: bool

    @property
    def words(self) -> str:
        """The line in words, for a screen reader."""
        parts = [self.what.title, self.group]
        parts += [f"key {self.key}"] if self.key else []
        parts += [f"disabled: {self.why_not}"] if self.why_not else []
        return ", ".join(parts)


class CommandList:
    """Lists commands, and remembers which were used last.

    Args:
        actions: Of the window.
        taxonomy: Returns the classes of now.
        keys: Which keys belong to what.
        settings: Where the last used are kept.
    """

    def __init__(
        self,
        actions: ActionSet,
        *,
        taxonomy: Callable[[], Taxonomy],
        keys: KeyMap,
        settings: Settings,
    ) -> None:
        self._actions = actions
        self._taxonomy = taxonomy
        self._keys = keys
        self._settings = settings

    def recent(self) -> list[str]:
        """Return the ids of what was used last, the last one first."""
        return self._settings.text(RECENT).split()

    def remember(self, command_id: str) -> None:
        """Note that a command was run."""
        ids = [command_id, *(one for one in self.recent() if one != command_id)]
        self._settings.set(RECENT, " ".join(ids[:_REMEMBERED]))

    def commands(self) -> list[Command]:
        """Return every command as it is now, in the order of the tables."""
        recent = set(self.recent())
        found = [
            self._command(
                Searchable(
                    f"action:{spec.id}",
                    plain(self._actions[spec.id].text()).rstrip("…"),
                    f"{plain(spec.menu)} {spec.tooltip}",
                ),
                plain(spec.menu),
                self._actions[spec.id],
                why=self._actions.forbidden.get(spec.id)
                or _WHY.get(spec.id, _NO_CELLS if spec.needs_cells else _NOT_NOW),
                just_now=self._actions.why_not_now(spec.id),
                recent=recent,
            )
            for spec in ACTIONS
            if spec.id != "command_palette"
        ]
        found += [
            self._command(
                Searchable(f"class:{c.id}", f"{LABEL_AS} {c.name}", " ".join((c.code, *c.aliases))),
                "Classes",
                self._actions.label(c.id),
                why=_NO_CELLS,
                recent=recent,
            )
            for c in self._taxonomy().classes
            if self._actions.has_label(c.id)
        ]
        return found

    def _command(
        self,
        what: Searchable,
        group: str,
        action: QAction,
        *,
        why: str,
        recent: set[str],
        just_now: str = "",
    ) -> Command:
        return Command(
            what=what,
            group=group,
            key=next(iter(self._keys.of(what.id)), ""),
            action=action,
            why_not=just_now if action.isEnabled() else why,
            recent=what.id in recent,
        )
