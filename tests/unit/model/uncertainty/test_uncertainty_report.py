"""The tables of a finished model's honesty: a line for each site, known and left out."""

import numpy as np

from model.hierarchy import LEAVES
from model.network.head import Head
from model.uncertainty.estimator import fit_uncertainty
from model.uncertainty.uncertainty_figures import OodCells
from model.uncertainty.uncertainty_report import at_site, left_out, own_sites, percent
from tests.unit.model.held_out_cells import held_out


def test_known_sites_have_sets_alarms_and_shares() -> None:
    test = held_out(seed=2)
    lines = own_sites(test, fit_uncertainty(held_out(seed=1), temperature=1.0), 1.0)
    assert [line.split(" | ")[0] for line in lines[2:5]] == ["| north", "| south", "| all"]
    assert lines[4].startswith("| all | 120 | 0.")
    assert lines[-1].startswith("Calibration error over the 120: 0.")


def test_a_site_left_out_is_told_from_the_others_and_alarms() -> None:
    sites = ("north", "moon")
    head = Head(np.zeros((16, 40), np.float32), np.zeros(16, np.float32), 1.0, LEAVES)
    rng = np.random.default_rng(3)
    strange = (10.0 * rng.normal(size=(50, 40))).astype(np.float32)
    lines = left_out(
        held_out(seed=1, sites=sites),
        held_out(seed=2, sites=sites),
        OodCells(strange, np.zeros((50, 16), np.float32)),
        head,
    )
    moon = lines[2].split(" | ")
    assert moon[0] == "| moon"
    assert float(moon[1]) > 0.95
    assert moon[4] == "100.0 %"
    assert lines[-1].startswith("| no cell (`model/rendering/ood_negatives.py`, 50) | 1.000")


def test_a_second_view_belongs_to_its_site() -> None:
    cells = held_out(seed=1, sites=("north", "north, known scale", "south"), n=2)
    assert at_site(cells, "north").tolist() == [True] * 4 + [False] * 2


def test_shares_are_written_as_percentages() -> None:
    assert (percent(0.054), percent(None)) == ("5.4 %", "")
