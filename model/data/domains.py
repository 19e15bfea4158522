"""What each training domain labels, and which further leaves it is known not to hold.

A domain is a set of crops from one source. Its labels come at some depth of the class tree; a
leaf it does not label may still be among its cells under another name (a reactive lymphocyte
labelled lymphocyte), so such a leaf is masked there, or taught as a weak negative only
(`TrainConfig.absent_weight`). Some absences are certain from how the set was made; those leaves
are full negatives.

To add a domain: one entry in `DOMAINS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from model.hierarchy import LEAVES, leaves_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

RENDERED: Final = "rendered"


@dataclass(frozen=True)
class Domain:
    """One source of training crops.

    Attributes:
        name: as in the manifest.
        surely_absent: leaves that none of its crops shows, whatever the label.
        um_per_px: the scale, where all crops share one that is known.
        tissue: blood or bone marrow.
        licence: of the images.
        rights: what that licence may mean for a model trained on them.
        citation: how to cite the source.
    """

    name: str
    surely_absent: tuple[str, ...]
    um_per_px: float | None
    tissue: str
    licence: str
    rights: str
    citation: str


# Each crop of these sets is centred on a nucleated cell that somebody named.
NOT_A_CELL: Final = ("smudge_cell", "platelet", "artefact")


def rendered_site(name: str, absent: tuple[str, ...], *, like: str) -> Domain:
    """A rendered laboratory of `model.benchmark.crops`, drawn like a published set.

    Args:
        name: of the domain.
        absent: leaves that the published set lacks beyond those that none of them is drawn with.
        like: the published set.
    """
    return Domain(
        name=name,
        surely_absent=("lymphocyte_reactive", "plasma_cell", *NOT_A_CELL, *absent),
        um_per_px=None,
        tissue="rendered blood smear",
        licence="Apache-2.0 (drawn by model.rendering.renderer of this software)",
        rights="Free of third-party rights.",
        citation=f"model.rendering.renderer, this software, with the colours and counts of {like}",
    )


DOMAINS: Final = MappingProxyType(
    {
        domain.name: domain
        for domain in (
            Domain(
                name="barcelona_pbc",
                # Donors without infection, haematologic or oncologic disease.
                surely_absent=(
                    "lymphocyte_reactive",
                    "blast",
                    "plasma_cell",
                    "smudge_cell",
                    "artefact",
                ),
                um_per_px=0.1,  # not published; from the red cells, 7.5 µm across
                tissue="blood",
                licence="CC BY 4.0 (upstream, as stated by MedMNIST for the set made from it)",
                rights="Training is allowed with attribution, which this card gives.",
                citation="Acevedo et al., Data in Brief 30 (2020) 105474, Mendeley snkd93bnjr",
            ),
            Domain(
                name="bccd",
                surely_absent=NOT_A_CELL,
                um_per_px=None,
                tissue="blood",
                licence="MIT",
                rights="Training is allowed; the licence text travels with copies of the images.",
                citation="BCCD data set, github.com/Shenggan/BCCD_Dataset",
            ),
            Domain(
                name="jiangxi_tecom",
                surely_absent=NOT_A_CELL,
                um_per_px=None,
                tissue="blood",
                licence="GPL-3.0 (licence of the repository that carries the images)",
                rights=(
                    "Copyleft. The images are not part of this software or of the weights. "
                    "Whether weights trained on them are a derived work under the GPL is not "
                    "settled; who must be certain should retrain without this domain "
                    "(set its weight to 0)."
                ),
                citation=(
                    "Zheng et al., Micron 107 (2018) 55-71; images by Jiangxi Tecom "
                    "Science Corporation, China"
                ),
            ),
            Domain(
                name="choi_bonemarrow",
                surely_absent=NOT_A_CELL,
                um_per_px=None,
                tissue="bone marrow",
                licence="none stated in the repository; the paper is believed to be CC BY",
                rights=(
                    "Unclear. No licence is stated for the images; who must be certain should "
                    "ask the authors or retrain without this domain (set its weight to 0)."
                ),
                citation="Choi et al., PLoS ONE 12 (2017)",
            ),
            Domain(
                name="jhh_apl",
                surely_absent=(),
                um_per_px=None,
                tissue="blood",
                licence="none granted (Copyright 2020 The Johns Hopkins University)",
                rights=(
                    "Unclear. Published so that its results can be repeated, without a grant; who "
                    "must be certain should ask the authors or retrain without this domain (set "
                    "its weight to 0)."
                ),
                citation="Sidhom et al., npj Precision Oncology 5 (2021) 38; images of DeepAPL",
            ),
            Domain(
                name="raabin_tehran",
                surely_absent=NOT_A_CELL,
                um_per_px=None,
                tissue="blood",
                licence="none named (its page says: free access dataset, public data)",
                rights=(
                    "Unclear, leaning open. No licence is named; who must be certain should ask "
                    "the authors or retrain without this domain (set its weight to 0)."
                ),
                citation="Kouzehkanan et al., Scientific Reports 12 (2022) 1123, Raabin-WBC",
            ),
            Domain(
                name="segpc_delhi",
                surely_absent=NOT_A_CELL,
                um_per_px=None,
                tissue="bone marrow",
                licence="none stated; a citation is asked for",
                rights=(
                    "Unclear. No licence is stated; who must be certain should ask the authors or "
                    "retrain without this domain (set its weight to 0)."
                ),
                citation="Gupta et al., SegPC-2021, IEEE DataPort 10.21227/7np1-2q42",
            ),
            Domain(
                name=RENDERED,
                surely_absent=(),
                um_per_px=None,
                tissue="rendered blood smear",
                licence="Apache-2.0 (drawn by model.rendering.renderer of this software)",
                rights="Free of third-party rights.",
                citation="model.rendering.renderer, this software",
            ),
            *(
                rendered_site(f"{RENDERED}_{name}", absent, like=like)
                for name, absent, like in (
                    ("matek", (), "Matek-19"),
                    ("acevedo", ("blast",), "Acevedo-20"),
                    ("mll", (), "MLL23"),
                )
            ),
        )
    }
)


def labelled_leaves(labels: Iterable[str]) -> frozenset[str]:
    """Return every leaf that a set of labels covers, parents opened."""
    return frozenset(leaf for label in labels for leaf in leaves_of(label))


def presence(domain: Domain, labels: Iterable[str], *, absent_weight: float) -> NDArray[np.float32]:
    """How much each leaf counts as a rival of the labels in a domain.

    Args:
        domain: the source of the crops.
        labels: every label that occurs in it.
        absent_weight: 0..1, for leaves it neither labels nor surely lacks; 0 masks them.

    Returns:
        float32 (k,), in 0..1; see `model.losses.marginal_cross_entropy`.
    """
    covered = labelled_leaves(labels) | set(domain.surely_absent)
    weights = [1.0 if leaf in covered else absent_weight for leaf in LEAVES]
    return np.asarray(weights, dtype=np.float32)
