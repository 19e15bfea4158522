"""Keeps the interpreter from holding up the window: measured with ``tests.benchmarks gallery``."""

import gc
import sys

_SWITCH_S = 0.0005  # a worker in Python gives way after this; with the usual 5 ms frames are late


def keep_fluid() -> None:
    """Let workers give way soon, and spare the collector what stays until the program ends.

    Called before the first workspace opens, when the libraries it needs are loaded. The collector
    looks through 90,000 objects of theirs otherwise, 40–90 ms in the midst of scrolling.
    """
    sys.setswitchinterval(_SWITCH_S)
    if not gc.get_freeze_count():  # once: what a closed workspace leaves behind must go
        gc.freeze()
