"""What the command palette offers: every action of the table and every class, as they are now."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.commands.actions import ACTIONS, plain
from wbc_desktop.gui.commands.command_search import Searchable
from wbc_desktop.gui.commands.key_map import LABEL_AS, KeyMap
from wbc_desktop.settings import Settings

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
