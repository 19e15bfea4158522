"""Whether this installation can train the whole network, without loading what that takes."""

from model.finetune.config import missing


def why_not() -> str:
    """Return what fine-tuning lacks here, in the user's words; empty if it can run."""
    lacking = missing()
    if not lacking:
        return ""
    return f"Fine-tuning needs {' and '.join(lacking)}, which this edition does not bring"
