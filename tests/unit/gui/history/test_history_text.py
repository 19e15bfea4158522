from pathlib import Path

from tests.unit.filled_workspace import TAXONOMY, filled
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.attributes import built_in
from wbc_desktop.gui.history.history_text import local_time, sentences
from wbc_desktop.services.session.attribute_commands import SetAttribute
from wbc_desktop.services.session.commands import Accept, Relabel, SetFlag, SetNote


def test_every_act_is_told_newest_first(tmp_path: Path) -> None:
    session = filled(tmp_path / "workspace")
    session.do(Accept((1,), ReviewMode.SINGLE))
    session.do(Relabel((1,), "blast", ReviewMode.SINGLE))
    session.undo()
    session.redo()
    session.do(SetFlag((1,), flagged=True))
    session.do(SetFlag((1,), flagged=False))
    session.do(SetNote(1, "look again"))
    session.do(SetNote(1, ""))
    toxic = built_in().by_id["toxic_granulation"]
    session.do(SetAttribute((1,), toxic, present=True))
    session.do(SetAttribute((1,), toxic, present=False))
    told = sentences(session.workspace.catalogue.events.history(1), 1, TAXONOMY)
    session.workspace.close()
    assert [line.split("  ", 1)[1] for line in told] == [
        "Ada: toxic granulation taken away",
        "Ada: shows toxic granulation",
        "Ada: note removed",
        "Ada: note “look again”",
        "Ada: flag removed",
        "Ada: flagged",
        "Ada redid: Blast (was Lymphocyte)",
        "Ada undid: Lymphocyte (was Blast)",
        "Ada: Blast (was Lymphocyte)",
        "Ada accepted Lymphocyte",
        "classified by test-model as Lymphocyte",
        "imported",
    ]


def test_a_step_taken_back_is_told(tmp_path: Path) -> None:
    session = filled(tmp_path / "workspace")
    step = session.do(Relabel((1,), "blast", ReviewMode.SINGLE)).event_seq
    session.do(SetFlag((1,), flagged=True))
    session.undo_step(step)
    newest = sentences(session.workspace.catalogue.events.history(1), 1, TAXONOMY)[0]
    session.workspace.close()
    assert newest.endswith("  Ada took back: label removed (was Blast)")


def test_times_are_told_in_local_time() -> None:
    assert local_time("2026-11-21T09:30:00.123456Z")[:10] in {"2026-11-21", "2026-11-22"}
    assert len(local_time("2026-11-21T09:30:00.123456Z")) == len("2026-11-21 09:30")
