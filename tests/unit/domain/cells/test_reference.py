"""Reference cells: in which order classes are compared."""

from wbc_desktop.domain.cells.reference import classes_by_likelihood
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

TAXONOMY = taxonomy_v1()


def test_the_classes_to_compare_with_begin_with_the_own_and_go_on_by_likelihood() -> None:
    probs = [0.0] * len(TAXONOMY.leaves)
    probs[TAXONOMY.leaves.index("blast")] = 0.6
    probs[TAXONOMY.leaves.index("monocyte")] = 0.3
    order = classes_by_likelihood("lymphocyte", probs, TAXONOMY)
    assert order[:3] == ("lymphocyte", "blast", "monocyte")
    assert len(order) == len(set(order)) == len(TAXONOMY.classes) - 1
    assert classes_by_likelihood("unidentified", probs, TAXONOMY)[:2] == ("blast", "monocyte")
    assert classes_by_likelihood(None, None, TAXONOMY)[0] == TAXONOMY.leaves[0]
