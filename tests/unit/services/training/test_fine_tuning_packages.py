"""What fine-tuning takes is found out without loading it."""

import subprocess
import sys

from tests.architecture.source_tree import ROOT

CODE = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
from wbc_desktop.services.training.readiness import why_no_finetuning
print(why_no_finetuning())
assert not {{"torch", "timm", "lightning_fabric"}} & {{n for n, m in sys.modules.items() if m}}
"""


def told(*blocked: str) -> str:
    child = subprocess.run(
        [sys.executable, "-c", CODE.format(blocked=blocked)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return child.stdout.strip()


def test_here_nothing_is_lacking_and_nothing_heavy_is_loaded_to_know_it() -> None:
    assert told() == ""


def test_what_is_lacking_is_named() -> None:
    text = "Fine-tuning needs torch and lightning_fabric, which this edition does not bring"
    assert told("torch", "lightning_fabric") == text
