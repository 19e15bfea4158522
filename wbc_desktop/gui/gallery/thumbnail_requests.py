"""Which pictures a view needs: those in view first, then those it will scroll to."""

from wbc_desktop.gui.gallery.scene import Scene


class Wishes:
    """Remembers the direction of the last scroll, to read ahead in it."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._last = 0

    def cells(self, scene: Scene, *, scroll: int, height: int, ratio: float) -> list[int] | None:
        """Return the cells whose pictures are wanted, most urgent first, or None if none is new.

        Args:
            scene: What is shown.
            scroll: How far it is scrolled down.
            height: Height of the viewport.
            ratio: Device pixels per device-independent pixel.
        """
        asked = (scene, scroll, height, ratio)
        if asked == self._asked:
            return None
        self._asked = asked
        forward = scroll >= self._last
        self._last = scroll
        below, above = scroll + height, scroll - height
        half = height // 2
        ahead = (below, height) if forward else (above, height)
        behind = (above + half, half) if forward else (below, half)
        wanted: list[int] = []
        for top, span in ((scroll, height), ahead, behind):
            for run in scene.runs(top, span):
                wanted += scene.model.cell_ids(run.first, run.stop).tolist()
        return list(dict.fromkeys(wanted))

    def forget(self) -> None:
        """Ask again for everything."""
        self._asked = ()
