"""`python -m model`: what it prints, and one clear line where the input is at fault."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.inference.predictor import find_model

MODEL = str(find_model(Path(__file__).parents[3] / "resources" / "models"))


def test_a_folder_of_images_is_classified_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(2)
    for name in ("b/2.PNG", "a/1.png"):
        (tmp_path / name).parent.mkdir()
        Image.fromarray(rng.integers(0, 256, (70, 80, 3), dtype=np.uint8)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    assert main(["predict", "--model", MODEL, str(tmp_path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(line["image"]).name for line in lines] == ["1.png", "2.PNG"]
    for line in lines:
        probs = line["probs"]
        assert sum(probs.values()) == pytest.approx(1.0, abs=1e-3)
        assert line["leaf"] == max(probs, key=lambda name: probs[name])
        both = probs["neutrophil_segmented"] + probs["neutrophil_band"]
        assert line["parents"]["neutrophil"] == pytest.approx(both, abs=2e-4)


def test_a_card_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "--model", MODEL]) == 0
    assert "## Rights of the training data" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["card", "--model", "{here}"], "card.json cannot be read"),
        (["evaluate", "--model", MODEL, "--data", "{here}"], "manifest.csv is missing"),
        (["honesty", "--model", MODEL, "--data", "{here}"], "manifest.csv is missing"),
        (["predict", "--model", MODEL, "{here}"], "no image in"),
        (["predict", "--model", MODEL, "{here}/nowhere.png"], "No such file"),
        (["predict", "--model", MODEL, "{here}/text.txt"], "cannot identify image file"),
        (["predict", "--model", MODEL, "{here}/deep.tif"], "more than eight bits"),
        (["predict", "--model", MODEL, "--um-per-px", "0", "{here}/flat.gif"], "above 0"),
    ],
)
def test_a_fault_of_the_input_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("no image")
    if "deep" in arguments[-1]:
        Image.fromarray(np.zeros((9, 9), dtype=np.uint16)).save(tmp_path / "deep.tif")
    Image.new("RGB", (50, 50)).save(tmp_path / "flat.gif")
    assert main([argument.format(here=tmp_path) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_data_that_the_models_split_does_not_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"x{index}.png,bccd,monocyte" for index in range(20)]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,domain,class", *rows]))
    assert main(["evaluate", "--model", MODEL, "--data", str(tmp_path)]) == 1
    assert "does not hold the data" in capsys.readouterr().err
