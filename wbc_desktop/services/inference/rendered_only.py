"""Which classes the shipped model knows from rendered cells only, as its card says.

No figure on real cells stands behind these classes, so they are shown with lower trust. The card is
read by itself: the window asks as it opens, and must not wait for the network to load.
"""

import json

from wbc_desktop import paths
from wbc_desktop.domain.taxonomy.classes import Taxonomy

_KEY = "rendered_only"


def rendered_only(taxonomy: Taxonomy) -> frozenset[str]:
    """Return the class ids; none where the card is missing or does not say.

    Args:
        taxonomy: Names that are no leaf of it are left out.
    """
    cards = sorted(paths.models_dir().glob("*/card.json"))
    if len(cards) != 1:
        return frozenset()
    try:
        card = json.loads(cards[0].read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()  # opening the model will say what is wrong with it
    named = card.get(_KEY) if isinstance(card, dict) else None
    if not isinstance(named, list):
        return frozenset()
    return frozenset(leaf for leaf in taxonomy.leaves if leaf in named)
