"""The status of a cell follows from the label and from what the model had said."""

import pytest

from wbc_desktop.domain.review.review import Status, status_of


@pytest.mark.parametrize(
    ("label", "predicted", "status"),
    [
        ("monocyte", "monocyte", Status.ACCEPTED),
        ("monocyte", "blast", Status.CORRECTED),
        ("monocyte", None, Status.CORRECTED),
        ("neutrophil", "neutrophil_band", Status.CORRECTED),
        ("unidentified", "blast", Status.UNDECIDED),
        ("unidentified", None, Status.UNDECIDED),
        ("artefact", "platelet", Status.EXCLUDED),
        ("artefact", "artefact", Status.EXCLUDED),
    ],
)
def test_a_label_gives_its_status(label: str, predicted: str | None, status: Status) -> None:
    assert status_of(label, predicted=predicted) is status


def test_no_label_leaves_a_cell_unreviewed() -> None:
    labels = ("monocyte", "unidentified", "artefact")
    given = {status_of(x, predicted=y) for x in labels for y in (*labels, None)}
    assert Status.UNREVIEWED not in given


def test_the_words_of_the_csv_stay() -> None:
    words = [str(status) for status in Status]
    assert words == ["unreviewed", "accepted", "corrected", "undecided", "excluded"]
