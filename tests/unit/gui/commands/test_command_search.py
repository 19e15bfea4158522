from wbc_desktop.gui.commands.command_search import Searchable, found

COMMANDS = (
    Searchable("flag", "Flag or unflag", "Cells Mark cells to look at again"),
    Searchable("all", "Show all cells", "View Remove every filter"),
    Searchable("export", "Export cells as CSV", "File"),
    Searchable("blast", "Label as Blast", "BLA myeloblast"),
    Searchable("basophil", "Label as Basophil", "BAS baso"),
)


def test_an_empty_query_finds_everything_last_used_first() -> None:
    names = [one.id for one in COMMANDS]
    assert found("", COMMANDS) == names
    assert found("  ", COMMANDS, recent=["blast", "all", "gone"])[:3] == ["blast", "all", "flag"]


def test_every_word_must_be_found_in_any_order() -> None:
    assert found("csv cells", COMMANDS) == ["export"]
    assert found("cells nonsense", COMMANDS) == []


def test_beginnings_of_words_beat_what_stands_inside_and_what_stands_aside() -> None:
    assert found("bla", COMMANDS) == ["blast"]
    assert found("filter", COMMANDS) == ["all"]
    assert found("flag", COMMANDS) == ["flag"]
    assert found("label ba", COMMANDS)[0] == "basophil"


def test_codes_and_scattered_letters_find_too() -> None:
    assert found("myelo", COMMANDS) == ["blast"]
    assert found("exccsv", COMMANDS) == ["export"]
    assert found("zz", COMMANDS) == []


def test_of_two_that_fit_alike_the_last_used_comes_first() -> None:
    assert found("label", COMMANDS) == ["blast", "basophil"]
    assert found("label", COMMANDS, recent=["basophil"]) == ["basophil", "blast"]
