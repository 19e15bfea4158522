"""What a command tells the views."""

from wbc_desktop.domain.audit.changes import Changes, Kind


def test_a_command_that_changed_nothing_says_so() -> None:
    assert not Changes(Kind.NONE).kinds


def test_a_view_finds_its_kind_among_several() -> None:
    changes = Changes(Kind.REVIEWS | Kind.FLAGS, cell_ids=(3, 5))
    assert changes.kinds & Kind.FLAGS
    assert not changes.kinds & Kind.PREDICTIONS
