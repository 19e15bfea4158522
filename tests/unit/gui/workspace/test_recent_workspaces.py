from pathlib import Path

import pytest

from wbc_desktop.gui.workspace.recent_workspaces import KEPT, SETTING, RecentWorkspaces
from wbc_desktop.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def recent(settings: Settings) -> RecentWorkspaces:
    return RecentWorkspaces(settings)


def test_the_one_opened_last_stands_first_and_only_once(recent: RecentWorkspaces) -> None:
    for name in ("a", "b", "a"):
        recent.opened(Path("/cells") / name, cells=3)
    assert [each.folder for each in recent.entries()] == [
        str(Path("/cells/a")),
        str(Path("/cells/b")),
    ]
    assert recent.entries()[0].day.startswith("20")


def test_what_was_shown_is_kept_until_it_is_left_again(recent: RecentWorkspaces) -> None:
    folder = Path("/cells/a")
    recent.opened(folder, cells=3)
    recent.left(folder, cells=5, filter_text="class:monocyte", cell=4)
    recent.opened(folder, cells=5)
    entry = recent.of(folder)
    assert entry is not None
    assert (entry.cells, entry.filter, entry.cell) == (5, "class:monocyte", 4)


def test_one_can_be_taken_off_the_list(recent: RecentWorkspaces) -> None:
    recent.opened(Path("/cells/a"), cells=3)
    recent.forget(str(Path("/cells/a")))
    assert recent.entries() == ()


def test_the_list_does_not_grow_for_ever(recent: RecentWorkspaces) -> None:
    for n in range(KEPT + 4):
        recent.opened(Path(f"/cells/{n}"), cells=n)
    assert [each.cells for each in recent.entries()] == [*range(KEPT + 3, 3, -1)]


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"folder": "a"}', '[{"folder": "a"}]', "[" * 100_000, "null"]
)
def test_a_spoiled_list_is_empty(settings: Settings, text: str) -> None:
    settings.set(SETTING, text)
    recent = RecentWorkspaces(settings)
    assert recent.entries() == ()
    recent.opened(Path("/cells/a"), cells=1)
    assert len(recent.entries()) == 1
