"""The recipe on openly licensed crops alone: nothing of another source goes in, or comes out."""

import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.artifacts.card import read_card, render_card, verify_files
from model.artifacts.card_comparison import add_comparison
from model.artifacts.replay_memory import load_replay
from model.data.crop_set import load_evaluation_set, load_training_set
from model.data.split import make_split
from model.inference.predictor import Predictor, find_model
from model.training.config import TrainConfig
from model.uncertainty.estimator import REFERENCE_FILE, UncertaintyEstimator

ROOT = Path(__file__).parents[4]
OPEN = ROOT / "model" / "configs" / "open.json"
SOURCES = {"barcelona_pbc", "bccd", "rendered"}
CLOSED = {"jiangxi_tecom", "choi_bonemarrow"}


@dataclass(frozen=True)
class Trained:
    """What a training from the command line left."""

    data: Path
    out: Path
    folder: Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Open crops of noise; of the other domains the manifest names crops that are not there."""
    return write_data(tmp_path / "data")


def write_data(root: Path) -> Path:
    rng = np.random.default_rng(0)
    lines = ["path,domain,class"]
    for domain in sorted({*SOURCES, *CLOSED} - {"rendered"}):
        (root / domain).mkdir(parents=True)
        for tint, label in enumerate(("eosinophil", "neutrophil")):
            for index in range(8):
                name = f"{domain}/{label}{index}_1.png"
                lines.append(f"{name},{domain},{label}")
                if domain in SOURCES:
                    pixels = rng.integers(0, 120, (60, 60, 3), dtype=np.uint8)
                    pixels[..., tint] += 120
                    Image.fromarray(pixels).save(root / name)
    (root / "manifest.csv").write_text("\n".join(lines) + "\n")
    return root


def test_it_is_the_shipped_recipe_with_other_sources() -> None:
    recipe = TrainConfig.read(OPEN)
    card = read_card(find_model(ROOT / "resources" / "models"))
    shipped = TrainConfig.from_json(card["config"])
    same = replace(recipe, model_id=shipped.model_id, domain_weights=shipped.domain_weights)
    assert same == shipped, "give open.json every setting in which the shipped weights differ"
    assert {name for name, share in recipe.domain_weights.items() if share > 0} == SOURCES
    assert {name for name, share in recipe.domain_weights.items() if share == 0} == CLOSED
    kept = {name: shipped.domain_weights[name] for name in SOURCES}
    assert {name: recipe.domain_weights[name] for name in SOURCES} == kept


def test_no_crop_of_another_source_is_read(data: Path) -> None:
    recipe = replace(TrainConfig.read(OPEN), rendered_per_class=4)
    split = make_split(data, recipe)
    for part in split.values():
        assert {record.domain for record in part} == SOURCES
        assert {r.domain for r in load_evaluation_set(part[:4], data).records} <= SOURCES
    closed = next(iter(CLOSED))
    training = load_training_set(split["train"], data, absent_weight=0.1)
    assert {record.domain for record in training.records} == SOURCES
    every = make_split(data, replace(recipe, domain_weights={closed: 1.0}))
    with pytest.raises(FileNotFoundError):  # they would be missed if they were read
        load_training_set(every["train"], data, absent_weight=0.1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The open recipe in a few steps less, from the command line; to export takes half a minute."""
    root = tmp_path_factory.mktemp("trained")
    write_data(root / "data")
    small = {
        **json.loads(OPEN.read_text()),
        "steps": 0,
        "rendered_per_class": 4,
        "threads": 1,
        "deterministic": True,
    }
    settings = root / "small.json"
    settings.write_text(json.dumps(small))
    command = [sys.executable, "-m", "model", "train", "--data", root / "data"]
    done = subprocess.run(
        [*map(str, command), "--out", str(root / "run"), "--config", str(settings)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return Trained(root / "data", root / "run", Path(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_the_command_line_trains_a_whole_model_with_a_card(trained: Trained) -> None:
    assert trained.folder == trained.out / json.loads(OPEN.read_text())["model_id"]
    card = read_card(trained.folder)
    verify_files(trained.folder, card, card["files"])
    assert set(card["metrics"]["test"]) == SOURCES
    assert card["data"]["bccd"]["crops"]["neutrophil"]["train"] > 0
    assert 0.2 <= card["temperature"] <= 10.0
    predictor = Predictor.open(trained.folder)
    crops = [np.full((90, 90, 3), 180, dtype=np.uint8)]
    assert predictor.predict(crops).probs.shape == (1, len(predictor.classes))


@pytest.mark.slow
def test_a_model_made_by_it_knows_of_no_other_source(trained: Trained, tmp_path: Path) -> None:
    folder = trained.folder
    card = read_card(folder)
    assert set(card["data"]) == set(card["rights"]["training_data"]) == SOURCES
    for part in card["metrics"].values():
        assert set(part) <= SOURCES
    memory = load_replay(folder, card)
    assert set(memory.domains) == SOURCES
    assert memory.counts() == card["replay"]["cells"]
    taught = {
        domain: {label: parts["train"] for label, parts in labels["crops"].items()}
        for domain, labels in card["data"].items()
    }
    assert memory.counts() == taught
    shift = UncertaintyEstimator.load(folder / REFERENCE_FILE).shift
    assert {site.split(",")[0] for site in shift.sites} <= SOURCES
    paths = json.loads(gzip.decompress((folder / "split.json.gz").read_bytes()))
    assert {path.split("/")[0] for part in paths.values() for path in part} == SOURCES
    told = {**card, "config": {}}
    assert not [name for name in CLOSED if name in json.dumps(told) + render_card(told)]
    data = shutil.copytree(trained.data, tmp_path / "data")
    only_open_data_is_scored_beside(folder, data, tmp_path / "shipped")


def only_open_data_is_scored_beside(folder: Path, data: Path, shipped: Path) -> None:
    """Its scores go into another model's card: on its own test split and on what it never saw."""
    pixels = np.random.default_rng(1).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    for line in (data / "manifest.csv").read_text().splitlines()[1:]:
        path = data / line.split(",")[0]
        if not path.exists():
            Image.fromarray(pixels).save(path)
    shutil.copytree(find_model(ROOT / "resources" / "models"), shipped)
    entry = add_comparison(shipped, folder, data)
    assert set(entry["unseen"]) == CLOSED
    assert set(entry["test"]) <= SOURCES
    assert all(scores["n"] == 16 for scores in entry["unseen"].values())
    card = read_card(shipped)
    assert card["fewer_sources"] == entry
    assert "| jiangxi_tecom, never seen | 16 |" in render_card(card)
