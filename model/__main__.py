"""The library's own command line: `python -m model VERB`.

To add a verb: a function `run_<verb>(arguments)`, and a parser for it in `build_parser`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

IMAGE_SUFFIXES: Final = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; return 0, or 1 with one line on stderr when the input is at fault."""
    arguments = build_parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"model: {error}\n")
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe every verb and its arguments."""
    parser = argparse.ArgumentParser(prog="python -m model", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    train = verbs.add_parser("train", help="train a model and write it in its shipped form")
    train.add_argument("--data", type=Path, required=True, help="folder with manifest.csv")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--config", type=Path, help="JSON file with settings that differ")
    add_compute_options(train)
    train.set_defaults(run=run_train)

    evaluate = verbs.add_parser("evaluate", help="score a model on one part of its split")
    evaluate.add_argument("--model", type=Path, required=True, help="model folder")
    evaluate.add_argument("--data", type=Path, required=True, help="folder with manifest.csv")
    evaluate.add_argument("--part", choices=("train", "val", "test"), default="test")
    evaluate.set_defaults(run=run_evaluate)

    predict = verbs.add_parser("predict", help="classify image files, one JSON object a line")
    predict.add_argument("--model", type=Path, required=True, help="model folder")
    predict.add_argument("--um-per-px", type=float, help="scale of the crops, if known")
    predict.add_argument("images", type=Path, nargs="+", help="image files, or folders of them")
    predict.set_defaults(run=run_predict)

    card = verbs.add_parser("card", help="print a model's card as Markdown")
    card.add_argument("--model", type=Path, required=True, help="model folder")
    card.add_argument("--beside", type=Path, help="the same recipe on fewer sources, to score")
    card.add_argument("--data", type=Path, help="folder with manifest.csv, for --beside")
    card.set_defaults(run=run_card)

    honesty = verbs.add_parser("honesty", help="score how far a model's confidence can be believed")
    honesty.add_argument("--model", type=Path, required=True, help="model folder")
    honesty.add_argument("--data", type=Path, required=True, help="folder with manifest.csv")
    honesty.set_defaults(run=run_uncertainty)

    add_job(verbs)

    benchmark = verbs.add_parser("benchmark", help="score methods on domains they have not seen")
    benchmark.add_argument("--out", type=Path, required=True, help="JSONL file of the rows")
    benchmark.add_argument("--data", type=Path, help="folder with manifest.csv")
    benchmark.add_argument("--cache", type=Path, help="folder for prepared crops")
    benchmark.add_argument("--protocol", action="append", help="A1, A1s, A2, A2r or B; repeatable")
    benchmark.add_argument("--method", action="append", help="as in docs/model.md; repeatable")
    benchmark.add_argument("--fold", type=int, action="append", help="number of the fold, from 0")
    benchmark.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0")
    benchmark.add_argument("--steps", type=int, default=160, help="optimiser steps of each run")
    benchmark.add_argument("--threads", type=int, default=2, help="processor threads")
    benchmark.add_argument("--table", action="store_true", help="print the tables, run nothing")
    benchmark.add_argument("--plots", type=Path, help="folder to draw the rows into, run nothing")
    benchmark.add_argument("--card", type=Path, help="model folder whose card gets the scores")
    benchmark.set_defaults(run=run_benchmark)
    return parser


def add_job(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the verb that the application starts jobs with."""
    job = verbs.add_parser("job", help="run one job of a workspace to its end")
    job.add_argument("folder", type=Path, help="folder of the job")
    job.add_argument("--base", type=Path, required=True, help="folder of the base model")
    job.add_argument("--champion", type=Path, help="folder of the model in use, if not the base")
    job.set_defaults(run=run_job)


def add_compute_options(train: argparse.ArgumentParser) -> None:
    """Add the options of `model.training.compute.ComputeConfig`, which are no settings of a run."""
    train.add_argument(
        "--accelerator",
        choices=("cpu", "cuda", "mps", "auto"),
        default="cpu",
        help="what computes; auto takes a GPU where there is one (default: %(default)s)",
    )
    train.add_argument(
        "--devices",
        type=whole_number,
        default=1,
        metavar="N",
        help="processes on this machine, one for each GPU (default: %(default)s)",
    )
    train.add_argument(
        "--nodes",
        type=whole_number,
        default=1,
        metavar="N",
        help="machines; give the same command on each (default: %(default)s)",
    )
    train.add_argument(
        "--precision",
        choices=("32-true", "bf16-mixed", "16-mixed"),
        default="32-true",
        help="of the arithmetic; the weights stay in single precision (default: %(default)s)",
    )


def whole_number(text: str) -> int:
    """Read a whole number from 1 up.

    Raises:
        ValueError: it is none.
    """
    number = int(text)
    if number < 1:
        raise ValueError(f"{text} is below 1")
    return number


def run_train(arguments: argparse.Namespace) -> None:
    """Train a model and print where it lies; of several processes the first prints."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    from model.training.compute import ComputeConfig
    from model.training.config import TrainConfig
    from model.training.train import train

    config = TrainConfig.read(arguments.config) if arguments.config else TrainConfig()
    compute = ComputeConfig(
        accelerator=arguments.accelerator,
        devices=arguments.devices,
        nodes=arguments.nodes,
        precision=arguments.precision,
    )
    folder = train(arguments.data, arguments.out, config, compute=compute)
    rank_zero_only(print_line)(str(folder))


def run_evaluate(arguments: argparse.Namespace) -> None:
    """Score a shipped model through the predictor on one part of its recorded split."""
    import numpy as np

    from model.data.crop_set import load_evaluation_set
    from model.data.split import recorded_split
    from model.inference.predictor import Predictor
    from model.training.config import TrainConfig
    from model.training.evaluate import evaluate

    predictor = Predictor.open(arguments.model)
    config = TrainConfig.from_json(predictor.card["config"])
    records = recorded_split(arguments.model, arguments.data, config)[arguments.part]
    crops = load_evaluation_set(records, arguments.data)
    sources = np.zeros(len(crops.records), dtype=np.uint8)
    batch = predictor.predict_prepared(crops.crops, sources)
    print_json(evaluate(crops.records, batch.probs))


def run_predict(arguments: argparse.Namespace) -> None:
    """Classify image files: the best leaf, and every leaf's and parent's probability."""
    from model.hierarchy import PARENTS, parent_probability
    from model.inference.predictor import Predictor

    predictor = Predictor.open(arguments.model)
    for path in image_files(arguments.images):
        batch = predictor.predict([read_image(path)], um_per_px=arguments.um_per_px)
        probs = dict(zip(predictor.classes, batch.probs[0].tolist(), strict=True))
        parents = {
            parent: parent_probability(batch.probs, parent, classes=predictor.classes).item()
            for parent in PARENTS
        }
        line = {
            "image": str(path),
            "leaf": max(probs, key=lambda name: probs[name]),
            "scale_source": int(batch.scale_source[0]),
            "probs": {name: round(value, 4) for name, value in probs.items()},
            "parents": {name: round(value, 4) for name, value in parents.items()},
        }
        print_line(json.dumps(line))


def run_card(arguments: argparse.Namespace) -> None:
    """Print a card as Markdown, with another model's scores put into it first if asked."""
    from model.artifacts.card import read_card, render_card

    if arguments.beside is not None:
        from model.artifacts.card_comparison import add_comparison

        if arguments.data is None:
            raise ValueError("--beside needs --data")
        add_comparison(arguments.model, arguments.beside, arguments.data)
    print_line(render_card(read_card(arguments.model)))


def run_uncertainty(arguments: argparse.Namespace) -> None:
    """Print how far a model's confidence can be believed, as Markdown tables."""
    from model.uncertainty.uncertainty_report import uncertainty_report

    print_line(uncertainty_report(arguments.model, arguments.data))


def run_job(arguments: argparse.Namespace) -> None:
    """Run a job and end with its exit code, see `model.jobs.run_job.run_job`."""
    from model.jobs import run_job

    sys.exit(run_job.run_job(arguments.folder, base=arguments.base, active=arguments.champion))


def run_benchmark(arguments: argparse.Namespace) -> None:
    """Run the rows that are missing, or print and draw those there are."""
    from model.benchmark.run import tables, wanted_rows, write_from_rows

    if arguments.table or arguments.plots or arguments.card:
        for path in write_from_rows(arguments):
            sys.stderr.write(f"{path}\n")
        if arguments.table:
            print_line(tables(arguments))
        return
    for line in wanted_rows(arguments):
        print_line(line)


def image_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield files as given, and the images below a folder in the order of their paths.

    Raises:
        ValueError: a folder holds no image.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
        if not found:
            raise ValueError(f"no image in {path}")
        yield from found


def read_image(path: Path) -> NDArray[np.uint8]:
    """Decode one image to uint8 (h, w, 3), sRGB.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large, or its grey levels do not fit into eight bits.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise ValueError(f"{path} has more than eight bits a channel; convert it first")
            return np.asarray(image.convert("RGB"))
    except Image.DecompressionBombError as error:
        raise ValueError(f"{path}: {error}") from error


def print_json(value: object) -> None:
    """Print a JSON value for people and machines."""
    print_line(json.dumps(value, indent=1))


def print_line(text: str) -> None:
    """Print one text to stdout."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
