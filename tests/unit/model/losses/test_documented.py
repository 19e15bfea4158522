"""Every loss stands in the document on the model."""

import inspect
from pathlib import Path

from model import losses

MODEL_MD = Path(__file__).resolve().parents[4] / "docs" / "model.md"


def test_every_function_of_the_package_is_in_the_section_on_losses() -> None:
    section = MODEL_MD.read_text(encoding="utf-8").split("## Losses")[1].split("\n## ")[0]
    functions = [name for name in losses.__all__ if inspect.isfunction(getattr(losses, name))]
    assert len(functions) > 15
    assert not [name for name in functions if f"`{name}`" not in section]
