"""What the window offers by itself as it opens: at most once each, and in a strip, not a dialog."""

from collections.abc import Callable

from wbc_desktop.gui.help.crash_dialog import CrashDialog
from wbc_desktop.gui.help.tour import N_STEPS
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.widgets.offer_strip import Offer
from wbc_desktop.gui.workspace.workspace_folders import with_tilde
from wbc_desktop.services.support.crash_reports import CrashReport, CrashReports
from wbc_desktop.settings import Settings


class StartupOffers:
    """Tells of damaged settings and of crashes, and offers the tour.

    Args:
        window: Its strip shows the offers.
        settings: Knows what was offered before.
        crashes: The reports of earlier runs.
        start_tour: Shows the tour.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        settings: Settings,
        crashes: CrashReports,
        start_tour: Callable[[], None],
    ) -> None:
        self._window = window
        self._settings = settings
        self._crashes = crashes
        self._start_tour = start_tour

    def begin(self) -> None:
        """Offer what there is to offer at this start."""
        self._tell_damage()
        self._offer_report()
        if self._settings.text("tour_offered") == "no":
            self._settings.set("tour_offered", "yes")
            self._window.offers.offer(
                Offer(
                    text=f"New here? A tour of {N_STEPS} steps shows the window. "
                    "It is in the menu Help as well.",
                    acts=(("Take the &tour", self._start_tour),),
                    dismiss="&Not now",
                )
            )

    def show_reports(self) -> None:
        """Show every report that is kept; those offered now are not offered again."""
        folder = self._crashes.folder.parent
        CrashDialog(self._crashes.all(), folder=folder, parent=self._window).open()
        self._crashes.dismiss()

    def _tell_damage(self) -> None:
        if (aside := self._settings.set_aside) is not None:
            self._window.offers.offer(
                Offer(
                    text="The settings could not be read, so that each has its first value again. "
                    f"What was in the file is kept as {with_tilde(aside)}. "
                    "Your cells and labels are not part of it."
                )
            )

    def _offer_report(self) -> None:
        reports = self._crashes.unseen()
        if reports:
            self._window.offers.offer(
                Offer(
                    text=_said_of(reports[0]),
                    acts=(("&Show report…", self.show_reports),),
                    on_dismiss=self._crashes.dismiss,
                )
            )


def _said_of(report: CrashReport) -> str:
    what = "WBC Desktop ended unexpectedly" if report.fatal else "Something went wrong"
    return (
        f"{what} when it was used last ({report.began:%Y-%m-%d}). Every label you gave is saved. "
        "A report was kept on this computer; nothing was sent."
    )
