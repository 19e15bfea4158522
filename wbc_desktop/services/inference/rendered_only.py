"""Which classes the active model knows from rendered cells only, as its card says.

No figure on real cells stands behind these classes, so they are shown with lower trust. A model
that learned from a laboratory's own cells lists fewer of them. The card is read by itself: the
window asks as it opens, and must not wait for the network to load.
"""

from model.artifacts.card import ModelFileError, read_card
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.models.registry import active_folder
from wbc_desktop.store.workspace import Workspace

_KEY = "rendered_only"


def rendered_only(workspace: Workspace, taxonomy: Taxonomy) -> frozenset[str]:
    """Return the class ids; none where the card is missing or does not say.

    Args:
        workspace: Whose active model is asked; only read.
        taxonomy: Names that are no leaf of it are left out.
    """
    try:
        named = read_card(active_folder(workspace)).get(_KEY)
    except (UserError, ModelFileError):
        return frozenset()  # opening the model will say what is wrong with it
    if not isinstance(named, list):
        return frozenset()
    return frozenset(leaf for leaf in taxonomy.leaves if leaf in named)
