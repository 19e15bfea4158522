import sys

from PySide6.QtCore import QObject, Signal


class Lamp(QObject):
    switched = Signal(bool)


if sys.version_info < (3, 12):  # from 3.12 on True is immortal and counts no references

    def test_emitting_a_truth_value_does_not_wear_it_out() -> None:
        # PySide6 6.12.0 drops a reference to True with every emit; CPython 3.11 crashes in the end.
        lamp = Lamp()
        seen: list[bool] = []
        lamp.switched.connect(seen.append)
        before = sys.getrefcount(True)
        for _ in range(2000):
            lamp.switched.emit(True)
        seen.clear()
        assert sys.getrefcount(True) >= before - 50
