from wbc_desktop.gui.commands.command_list import Searchable, search_commands

COMMANDS = (
    Searchable("flag", "Flag or unflag", "Cells Mark cells to look at again"),
    Searchable("all", "Show all cells", "View Remove every filter"),
    Searchable("export", "Export cells as CSV", "File"),
    Searchable("blast", "Label as Blast", "BLA myeloblast"),
    Searchable("basophil", "Label as Basophil", "BAS baso"),
)


def test_an_empty_query_finds_everything_last_used_first() -> None:
    names = [one.id for one in COMMANDS]
    assert search_commands("", COMMANDS) == names
    assert search_commands("  ", COMMANDS, recent=["blast", "all", "gone"])[:3] == [
        "blast",
        "all",
        "flag",
    ]


def test_every_word_must_be_found_in_any_order() -> None:
    assert search_commands("csv cells", COMMANDS) == ["export"]
    assert search_commands("cells nonsense", COMMANDS) == []


def test_beginnings_of_words_beat_what_stands_inside_and_what_stands_aside() -> None:
    assert search_commands("bla", COMMANDS) == ["blast"]
    assert search_commands("filter", COMMANDS) == ["all"]
    assert search_commands("flag", COMMANDS) == ["flag"]
    assert search_commands("label ba", COMMANDS)[0] == "basophil"


def test_codes_and_scattered_letters_find_too() -> None:
    assert search_commands("myelo", COMMANDS) == ["blast"]
    assert search_commands("exccsv", COMMANDS) == ["export"]
    assert search_commands("zz", COMMANDS) == []


def test_of_two_that_fit_alike_the_last_used_comes_first() -> None:
    assert search_commands("label", COMMANDS) == ["blast", "basophil"]
    assert search_commands("label", COMMANDS, recent=["basophil"]) == ["basophil", "blast"]
