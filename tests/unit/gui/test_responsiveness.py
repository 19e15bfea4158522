"""Workers give way soon, and what stays is spared by the collector, once."""

import gc
import sys
import weakref

from wbc_desktop.gui.responsiveness import keep_fluid


class _Ring:
    def __init__(self) -> None:
        self.itself = self


def test_frozen_once_so_that_closed_workspaces_are_collected() -> None:
    was = sys.getswitchinterval()
    try:
        keep_fluid()
        frozen = gc.get_freeze_count()
        assert frozen > 0
        assert sys.getswitchinterval() < was or was < 0.001
        ring = _Ring()
        gone = weakref.ref(ring)
        keep_fluid()
        assert gc.get_freeze_count() == frozen
        del ring
        gc.collect()
        assert gone() is None
    finally:
        sys.setswitchinterval(was)
