"""The keys of actions and classes: those of the tables, or what the reader made of them.

Only differences from the tables are kept, in the setting ``keys``: a JSON object of lists of keys
by ``action:<id>`` or ``class:<id>``. What of it cannot be used falls back to the table, and the log
says so. Whoever shows a key asks here, and subscribes to hear of changes.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtGui import QKeySequence

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.actions import ACTIONS, MENUS, RESERVED_KEYS, plain
from wbc_desktop.settings import Settings

Keys: TypeAlias = tuple[str, ...]
SETTING = "keys"
LABEL_AS = "Label as"
_ARROWS = ("Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown")
GALLERY_OWN = frozenset(
    {
        *("Esc", "Return", "Enter", "Tab", "Backtab", "Ctrl+A", "Menu"),
        *(f"{held}{key}" for key in _ARROWS for held in ("", "Shift+")),
    }
)
"""Keys that the gallery and the dialogs handle themselves."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyTarget:
    """What a key can belong to.

    Attributes:
        id: ``action:<id>`` or ``class:<id>``.
        name: For people.
        group: The menu, or ``Label as``.
        default: Keys in the tables, in normal form.
    """

    id: str
    name: str
    group: str
    default: Keys

    @property
    def is_class(self) -> bool:
        """True for a class key."""
        return self.id.startswith("class:")


class KeyMap:
    """Which keys belong to what now.

    Args:
        taxonomy: The classes.
        settings: Where differences are kept.
    """

    def __init__(self, taxonomy: Taxonomy, settings: Settings) -> None:
        self._settings = settings
        self._listeners: list[Callable[[], None]] = []
        self._own = _read(settings.text(SETTING))
        self._targets = _targets(taxonomy)
        self._keys = _resolved(self._targets.values(), self._own)

    @property
    def targets(self) -> tuple[KeyTarget, ...]:
        """Everything that can have a key, in the order of menus and classes."""
        return tuple(self._targets.values())

    def of(self, target: str) -> Keys:
        """Return the keys of a target, the first one shown; none if it has none."""
        return self._keys.get(target, ())

    def of_action(self, action_id: str) -> Keys:
        """Return the keys of an action."""
        return self.of(f"action:{action_id}")

    def of_class(self, class_id: str) -> str:
        """Return the key of a class, or the empty string."""
        return next(iter(self.of(f"class:{class_id}")), "")

    def is_changed(self, target: str) -> bool:
        """Tell whether the keys are others than in the tables."""
        return self.of(target) != self._targets[target].default

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever keys have changed."""
        self._listeners.append(listener)

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Take the classes of another taxonomy."""
        self._targets = _targets(taxonomy)
        self._apply(self._own, store=False)

    def assign(self, target: str, key: str) -> None:
        """Give a target this key in place of those it has.

        Raises:
            UserError: If the key cannot be used or belongs to something else, which is named.
        """
        wanted = normal(key)
        if problem := _unfit(self._targets[target], wanted):
            raise UserError(f"{wanted or key} cannot be used here", problem)
        self._refuse_taken(target, (wanted,))
        self._apply({**self._own, target: (wanted,)})

    def clear(self, target: str) -> None:
        """Leave a target without a key."""
        self._apply({**self._own, target: ()})

    def reset(self, target: str) -> None:
        """Give a target the keys of the tables again.

        Raises:
            UserError: If one of them belongs to something else now, which is named.
        """
        self._refuse_taken(target, self._targets[target].default)
        self._apply({name: keys for name, keys in self._own.items() if name != target})

    def reset_all(self) -> None:
        """Give everything the keys of the tables again."""
        self._apply({})

    def _refuse_taken(self, target: str, keys: Keys) -> None:
        for other in self._targets.values():
            for key in keys:
                if other.id != target and key in self.of(other.id):
                    raise UserError(
                        f"{key} is taken",
                        f"it belongs to “{other.name}” ({other.group})",
                        "Give that one another key first.",
                    )

    def _apply(self, own: Mapping[str, Keys], *, store: bool = True) -> None:
        known = self._targets
        self._own = {
            name: keys
            for name, keys in own.items()
            if name not in known or keys != known[name].default
        }
        self._keys = _resolved(known.values(), self._own)
        if store:
            text = json.dumps(self._own, sort_keys=True, ensure_ascii=False) if self._own else ""
            self._settings.set(SETTING, text)
        for listener in self._listeners:
            listener()


def normal(key: str) -> str:
    """Return the one way to write a key; empty if it is none."""
    return QKeySequence(key).toString()


def _targets(taxonomy: Taxonomy) -> dict[str, KeyTarget]:
    found = [
        KeyTarget(
            f"action:{spec.id}",
            plain(spec.text).rstrip("…"),
            plain(spec.menu),
            tuple(normal(key) for key in spec.keys),
        )
        for menu in MENUS
        for spec in ACTIONS
        if spec.menu == menu
    ]
    found += [
        KeyTarget(f"class:{c.id}", c.name, LABEL_AS, (normal(c.hotkey),) if c.hotkey else ())
        for c in taxonomy.offered
    ]
    return {target.id: target for target in found}


def _unfit(target: KeyTarget, key: str) -> str:
    """Return why a target cannot have a key, whoever has it now; empty if it can."""
    if not key or "," in key[1:]:
        return "it is not one key that the program can tell from others"
    if key in GALLERY_OWN:
        return "it moves through the gallery and the dialogs"
    if key.startswith("Alt+") and len(key) == len("Alt+") + 1:
        return "Alt and a letter open a menu"
    if not target.is_class:
        return ""
    if len(key) > 1:
        return "a class has one sign as its key, pressed alone"
    return "it is kept for commands, so that no label is given by mistake" * (key in RESERVED_KEYS)


def _read(text: str) -> dict[str, Keys]:
    if not text:
        return {}
    try:
        found = json.loads(text)
        return {str(name): tuple(str(key) for key in _listed(keys)) for name, keys in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        _log.warning("The changed keys cannot be read and are not used: %s", error)
        return {}


def _listed(keys: object) -> Sequence[object]:
    if not isinstance(keys, list):
        raise TypeError(f"not a list of keys: {keys!r}")
    return keys


def _resolved(targets: Iterable[KeyTarget], own: Mapping[str, Keys]) -> dict[str, Keys]:
    """Return the keys of every target: the reader's where they can be used, else the tables'."""
    taken: dict[str, str] = {}
    keys: dict[str, Keys] = {}
    for target in targets:
        if target.id in own and _usable(target, own[target.id], taken):
            keys[target.id] = own[target.id]
            taken.update(dict.fromkeys(own[target.id], target.id))
    for target in targets:
        if target.id not in keys:
            keys[target.id] = tuple(key for key in target.default if key not in taken)
            for key in set(target.default) - set(keys[target.id]):
                _log.warning("%s is the key of %s, not of %s", key, taken[key], target.id)
            taken.update(dict.fromkeys(keys[target.id], target.id))
    return keys


def _usable(target: KeyTarget, keys: Keys, taken: Mapping[str, str]) -> bool:
    for key in keys:
        why = _unfit(target, key) or (f"it belongs to {taken[key]}" if key in taken else "")
        if why or key != normal(key):
            _log.warning("The changed key %r of %s is not used: %s", key, target.id, why)
            return False
    return True
