"""A filter with groups and order under a name, as the workspace keeps it.

It is kept as text: the filter as it is typed, groups and order by their names. So a view outlives
row ids and ordinals, and a person can read it in the file.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from wbc_desktop.domain.errors import UserError

MAX_NAME = 60


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """What is shown, and how, under a name.

    Attributes:
        name: For people; capitals do not tell two names apart.
        filter: As typed; empty shows every cell. Without patients or slides in it, those chosen
            at the moment stay chosen.
        group: Name of a ``GroupBy`` in lower case.
        sort: Name of a ``SortKey`` in lower case.
    """

    name: str
    filter: str
    group: str
    sort: str


def checked_name(name: str) -> str:
    """Return the name of a view without needless spaces.

    Raises:
        UserError: If there is none, or it is no name.
    """
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise UserError("The view has no name", name, "Type a name for it.")
    if len(name) > MAX_NAME:
        raise UserError("The name is too long", f"{name[:20]}…", f"Use at most {MAX_NAME} signs.")
    return name


def named(views: Iterable[SavedView], name: str) -> SavedView | None:
    """Return the view of a name, or None."""
    wanted = " ".join(name.split()).casefold()
    return next((view for view in views if view.name.casefold() == wanted), None)


def with_view(views: Sequence[SavedView], view: SavedView) -> tuple[SavedView, ...]:
    """Return views in the order of their names, with one more, or in the place of its namesake."""
    others = [each for each in views if each.name.casefold() != view.name.casefold()]
    return tuple(sorted((*others, view), key=lambda each: each.name.casefold()))


def without_view(views: Sequence[SavedView], name: str) -> tuple[SavedView, ...]:
    """Return views without the one of a name."""
    gone = named(views, name)
    return tuple(view for view in views if view != gone)


def to_text(views: Sequence[SavedView]) -> str:
    """Return views as the workspace keeps them: JSON."""
    return json.dumps([asdict(view) for view in views], ensure_ascii=False)


def from_text(text: str) -> tuple[SavedView, ...]:
    """Return the views that ``to_text`` wrote; of an empty text none.

    Raises:
        ValueError: If the text is damaged.
    """
    if not text:
        return ()
    found = json.loads(text)
    try:
        return tuple(
            SavedView(**{key: str(row[key]) for key in ("name", "filter", "group", "sort")})
            for row in found
        )
    except (KeyError, TypeError) as error:
        raise ValueError("the saved views are damaged") from error
