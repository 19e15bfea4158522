"""Losses, as small pure functions of tensors; `model.training.criterion` puts them together.

- `marginal`: the cross-entropy for labels at any depth of the class tree, and the leaf of a label.
- `imbalance`: class-balanced, focal, LDAM, balanced softmax; against rare classes.
- `alignment`, `adversarial`, `group_dro`, `contrastive`, `boda`: against domain shift.

Those of the labels return one value per crop (the caller averages); those of a whole batch return
one number. A loss that cannot be formed from a batch is 0 there, with a gradient of 0. Call them on
single precision, outside autocast: a covariance or an exponential does not bear half precision.

To add one: keep it a pure function of tensors, give it formula, source and shapes, test it against
a naive loop and by gradcheck, and add its row to the table in `docs/model.md`.
"""

from model.losses.adversarial import (
    GradientReversal,
    domain_cross_entropy,
    reversal_strength,
    reverse_gradient,
)
from model.losses.alignment import coral, mmd
from model.losses.boda import boda, update_centroids
from model.losses.contrastive import supervised_contrastive
from model.losses.group_dro import group_dro
from model.losses.imbalance import (
    balanced_softmax,
    class_balanced,
    domain_priors,
    effective_number,
    effective_number_weights,
    focal,
    ldam,
    leaf_counts,
)
from model.losses.marginal import LEFT_OUT, MASKED, leaf_index, marginal_cross_entropy

__all__ = [
    "LEFT_OUT",
    "MASKED",
    "GradientReversal",
    "balanced_softmax",
    "boda",
    "class_balanced",
    "coral",
    "domain_cross_entropy",
    "domain_priors",
    "effective_number",
    "effective_number_weights",
    "focal",
    "group_dro",
    "ldam",
    "leaf_counts",
    "leaf_index",
    "marginal_cross_entropy",
    "mmd",
    "reversal_strength",
    "reverse_gradient",
    "supervised_contrastive",
    "update_centroids",
]
