"""Measures us against a rival in the same run: ``python -m tests.benchmarks classify --json``.

Each benchmark is a module with ``measure(...) -> dict``; to add one, write it and name it in
``BENCHMARKS``, with the options it takes. The last line of the output is one JSON object with
``--json``, so that a machine can read it; everything before is for people.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks import adapt, classify, embedding_map, gallery, history, ood, review, startup

BENCHMARKS: dict[str, Callable[[argparse.Namespace], Mapping[str, object]]] = {
    "adapt": lambda given: adapt.measure(given.domain, given.rounds, rows=given.rows),
    "classify": lambda given: classify.measure(given.rounds),
    "gallery": lambda given: gallery.measure(given.rounds, cells=given.cells),
    "history": lambda given: history.measure(given.rounds),
    "map": lambda given: embedding_map.measure(given.rounds),
    "ood": lambda given: ood.measure(given.rounds),
    "review": lambda given: review.measure(given.rounds),
    "startup": lambda given: startup.measure(given.rounds),
}


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("benchmark", choices=sorted(BENCHMARKS))
    parser.add_argument("--rounds", type=int, help="how many times each side runs")
    parser.add_argument("--cells", type=int, default=gallery.CELLS, help="of gallery: how many")
    parser.add_argument(
        "--domain", default="jiangxi_tecom", help="of adapt: left out of the base's training"
    )
    parser.add_argument(
        "--rows", type=Path, help="of adapt: file to which all figures are appended"
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    figures = BENCHMARKS[arguments.benchmark](arguments)
    for name, value in figures.items():
        print(f"{name:>24} {value}")
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
