"""Keeps the classes as they are while an import or a classification is under way.

After its classes have changed a workspace is shown anew, which would cut such work short.
"""

from typing import TYPE_CHECKING

from wbc_desktop.domain.errors import UserError

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.gui.models.classify_controller import ClassifyController
    from wbc_desktop.gui.transfer.import_controller import ImportController


class ClassGuard:
    """Knows whether the classes of a workspace can be changed now.

    Args:
        importing: Its imports.
        classify: Its classification.
    """

    def __init__(self, importing: "ImportController", classify: "ClassifyController") -> None:
        self._importing, self._classify = importing, classify

    @property
    def busy(self) -> bool:
        """True from the first look at files until the last cell of them is classified."""
        asked = self._importing.dialog is not None
        return asked or self._importing.running or self._classify.running

    def check(self) -> None:
        """Refuse a change of the classes while there is such work.

        Raises:
            UserError: If there is.
        """
        if self.busy:
            raise UserError(
                "Classes cannot be changed while cells are imported or classified",
                advice="Wait for the end, or stop it with Ctrl+.",
            )
