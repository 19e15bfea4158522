"""Marks the classes that the model knows from rendered cells only, on tiles and in the panel."""

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.main_window import MainWindow


def mark_lower_trust(window: MainWindow, taxonomy: Taxonomy) -> None:
    """Mark them in the parts of the window that show confidence."""
    from wbc_desktop.services.inference.rendered_only import rendered_only

    classes = rendered_only(taxonomy)
    window.gallery.set_rendered_only(frozenset(taxonomy.ordinals[c] for c in classes))
    window.inspector.set_rendered_only(classes)
