"""Patients sum their slides."""

from wbc_desktop.domain.cells.patients import Patient, Slide


def _slide(code: str, *, n_cells: int, n_reviewed: int) -> Slide:
    return Slide(id=1, code=code, um_per_px=None, n_cells=n_cells, n_reviewed=n_reviewed)


def test_a_patient_counts_the_cells_of_all_slides() -> None:
    slides = (_slide("1", n_cells=200, n_reviewed=20), _slide("2", n_cells=198, n_reviewed=3))
    patient = Patient(id=1, code="P-0192", site="", slides=slides)
    assert (patient.n_cells, patient.n_reviewed) == (398, 23)


def test_a_patient_without_slides_has_no_cells() -> None:
    patient = Patient(id=1, code="P-0192", site="Ward-2", slides=())
    assert (patient.n_cells, patient.n_reviewed) == (0, 0)
