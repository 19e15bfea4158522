"""How WBC-robust does on domains it has not seen, against plain training: a reduced A1.

bccd, then jiangxi_tecom is left out; the rows are those of ``model.benchmark`` on a short
schedule, run anew each time. Needs ``$WBC_DATA`` and the ``train`` extra.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from model.benchmark.run import run_row
from model.benchmark.training import BenchmarkPaths, Schedule

STEPS = 160
FOLDS = {"bccd": 0, "jiangxi_tecom": 1}  # of protocol A1
METHODS = {"erm": "erm", "erm_strong": "erm_strong", "robust": "robust"}


def measure(rounds: int | None) -> dict[str, object]:
    """Train and score each method on each fold.

    Args:
        rounds: Seeds; one if left out.

    Returns:
        Macro-F1 by domain and method, and the mean gain of robust over erm_strong.
    """
    if "WBC_DATA" not in os.environ:
        sys.exit("Set WBC_DATA to the folder that holds manifest.csv.")
    seeds = range(rounds or 1)
    domains: dict[str, dict[str, float | int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = BenchmarkPaths(
            Path(os.environ["WBC_DATA"]), Path(folder), Path(folder) / "rows.jsonl"
        )
        for domain, fold in FOLDS.items():
            domains[domain] = {"steps": STEPS, "seeds": len(seeds)}
            for name, method in METHODS.items():
                rows = [
                    run_row(
                        "A1", fold, method, seed=seed, paths=paths, schedule=Schedule(steps=STEPS)
                    )
                    for seed in seeds
                ]
                score = float(np.mean([row["targets"][domain]["macro_f1"] for row in rows]))
                domains[domain][name] = round(score, 4)
                print(f"{domain} {name} {score:.3f} {rows[-1]['seconds']} s", flush=True)
    gain = np.mean([values["robust"] - values["erm_strong"] for values in domains.values()])
    return {"domains": domains, "mean_gain": round(float(gain), 4)}
