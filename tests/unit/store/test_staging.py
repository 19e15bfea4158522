"""Imports: invisible until their last chunk, swept when cut short."""

from pathlib import Path

import pytest

from tests.unit.filled_workspace import TAXONOMY, ImportCells, cells, filled, new_cell
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "ws", create=True)


def test_a_patient_appears_whole_with_its_last_chunk(workspace: Workspace) -> None:
    chunks = (cells(3), (new_cell("x.png", slide="slide 2", um_per_px=0.1),))
    with workspace.atomic() as tx:
        staged = tx.stage_patient("P1", "Leipzig")
    for chunk in chunks:
        with workspace.atomic() as tx:
            tx.stage_cells(staged, chunk)
        assert workspace.catalogue.patients.all() == ()
        assert len(workspace.catalogue.index.load(TAXONOMY)) == 0
        assert [*workspace.catalogue.cells.all()] == []
        assert (
            workspace.catalogue.imports.patients_with_shas([new_cell("x.png").image_sha256]) == {}
        )
    with workspace.atomic() as tx:
        done = tx.finish_patient(staged)
    (patient,) = workspace.catalogue.patients.all()
    assert (patient.id, patient.code, patient.site) == (done.patient_id, "P1", "Leipzig")
    assert [(s.code, s.n_cells, s.um_per_px) for s in patient.slides] == [
        ("slide 1", 3, None),
        ("slide 2", 1, 0.1),
    ]
    assert [*done.cell_ids] == [1, 2, 3, 4]
    workspace.close()


def test_cells_added_to_a_known_patient_join_its_slides(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws", n=2)
    more = (new_cell("late.png"), new_cell("later.png", slide="slide 9"))
    session.record(ImportCells("P1", more, "Leipzig"))
    (patient,) = session.workspace.catalogue.patients.all()
    assert patient.site == "Leipzig"
    assert [(s.code, s.n_cells) for s in patient.slides] == [("slide 1", 3), ("slide 9", 1)]
    session.workspace.close()


def test_a_slide_of_mixed_scales_has_no_scale(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws", n=1)
    mixed = (new_cell("a.png", um_per_px=0.1), new_cell("b.png", um_per_px=0.2))
    session.record(ImportCells("P2", mixed))
    partly = (new_cell("c.png", um_per_px=0.1), new_cell("d.png"))
    session.record(ImportCells("P3", partly))
    patients = session.workspace.catalogue.patients.all()
    assert [p.slides[0].um_per_px for p in patients] == [None, None, None]
    assert [ref.um_per_px for ref in session.workspace.catalogue.cells.crop_refs([2, 3])] == [
        0.1,
        0.2,
    ]
    session.workspace.close()


def test_slides_of_the_same_name_belong_to_their_own_patients(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws", n=2)
    session.record(ImportCells("P2", cells(3, prefix="other")))
    patients = session.workspace.catalogue.patients.all()
    assert [(p.code, p.n_cells) for p in patients] == [("P1", 2), ("P2", 3)]
    session.workspace.close()


def test_an_import_cut_short_is_swept_at_the_next_open(workspace: Workspace) -> None:
    with workspace.atomic() as tx:
        tx.stage_cells(tx.stage_patient("P1"), cells(5))
    workspace.close()
    with Workspace.open(workspace.folder) as again:
        assert again.swept == ("P1",)
    with Workspace.open(workspace.folder) as again:
        assert again.swept == ()


def test_an_import_that_is_running_is_not_swept(workspace: Workspace) -> None:
    with workspace.import_lock():
        with workspace.atomic() as tx:
            staged = tx.stage_patient("P1")
            tx.stage_cells(staged, cells(5))
        with Workspace.open(workspace.folder) as other:
            assert other.swept == ()
        with workspace.atomic() as tx:
            assert tx.finish_patient(staged).code == "P1"
    workspace.close()


def test_a_second_import_at_once_is_refused(workspace: Workspace) -> None:
    with (
        Workspace.open(workspace.folder) as other,
        workspace.import_lock(),
        pytest.raises(UserError, match="Another import is running"),
        other.import_lock(),
    ):
        pytest.fail("two imports ran at once")
    with workspace.import_lock():
        pass  # free again
    workspace.close()


def test_beginning_a_patient_again_drops_what_was_staged(workspace: Workspace) -> None:
    with workspace.atomic() as tx:
        tx.stage_cells(tx.stage_patient("P1"), cells(5))
        staged = tx.stage_patient("P1")
        tx.stage_cells(staged, cells(2))
        assert len(tx.finish_patient(staged).cell_ids) == 2
        assert tx.drop_staged() == ()
    workspace.close()


def test_a_cancelled_import_leaves_other_patients_alone(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws")
    with session.workspace.atomic() as tx:
        tx.stage_cells(tx.stage_patient("P1"), cells(2, prefix="more"))
        tx.stage_cells(tx.stage_patient("P2"), cells(2, prefix="new"))
        assert tx.drop_staged() == ("P1", "P2")
    (patient,) = session.workspace.catalogue.patients.all()
    assert (patient.code, patient.n_cells) == ("P1", 6)
    session.workspace.close()


def test_a_patient_cannot_move_to_another_site(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws")
    session.record(ImportCells("P2", cells(1, prefix="a"), "Leipzig"))
    session.record(ImportCells("P2", cells(1, prefix="b")))
    with pytest.raises(UserError, match="another site"):
        session.record(ImportCells("P2", cells(1, prefix="c"), "Jena"))
    *_, patient = session.workspace.catalogue.patients.all()
    assert (patient.code, patient.site, patient.n_cells) == ("P2", "Leipzig", 2)
    session.workspace.close()


def test_an_import_without_cells_is_a_fault_of_ours(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="no cells"), workspace.atomic() as tx:
        tx.finish_patient(tx.stage_patient("P1"))
    assert workspace.catalogue.patients.all() == ()
    workspace.close()


def test_the_digest_depends_on_every_fact(tmp_path: Path) -> None:
    digests = set()
    facts = new_cell("x.png")
    variants = (
        facts,
        facts._replace(slide="other"),
        facts._replace(image_path="y.png"),
        facts._replace(image_sha256="0" * 64),
        facts._replace(source_label="SNE"),
        facts._replace(um_per_px=0.1),
    )
    for i, cell in enumerate(variants):  # in workspaces of their own: the same ids every time
        with (
            Workspace.open(tmp_path / f"ws {i}", create=True) as workspace,
            workspace.atomic() as tx,
        ):
            staged = tx.stage_patient("P1")
            tx.stage_cells(staged, [cell])
            digests.add(tx.finish_patient(staged).digest)
    assert len(digests) == len(variants)
