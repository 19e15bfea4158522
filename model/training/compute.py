"""What a run computes on: processes, devices, precision; and whether it gives the same bits again.

Every random choice follows from the config's seed in any mode. What is left is the order in which
numbers are added up: on a GPU some kernels choose it anew each time. Deterministic mode forbids
those. It is slower, and holds for the same machine, versions, precision, number of threads and of
processes.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from lightning_fabric import Fabric

if TYPE_CHECKING:
    from collections.abc import Iterator

CUBLAS: Final = "CUBLAS_WORKSPACE_CONFIG"
CUBLAS_FIXED: Final = ":4096:8"  # cuBLAS adds in a fixed order only with workspaces of fixed size


@dataclass(frozen=True)
class ComputeConfig:
    """Devices of a run. They do not belong to its settings: a run may go on elsewhere.

    Attributes:
        accelerator: "cpu", "cuda", "mps" or "auto".
        devices: processes per node, one for each device.
        nodes: machines.
        precision: Fabric's, such as "32-true" or "bf16-mixed".
    """

    accelerator: str = "cpu"
    devices: int = 1
    nodes: int = 1
    precision: str = "32-true"

    @property
    def strategy(self) -> str:
        """Fabric's: "ddp" for several processes, which average their gradients."""
        return "ddp" if self.devices * self.nodes > 1 else "auto"

    def launch(self) -> Fabric:
        """Start the processes and return this one's Fabric.

        With several devices Fabric starts this program once more for each of the others.
        """
        fabric = Fabric(
            accelerator=self.accelerator,
            devices=self.devices,
            num_nodes=self.nodes,
            strategy=self.strategy,
            precision=self.precision,  # type: ignore[arg-type]  # Fabric checks the name
        )
        fabric.launch()
        return fabric


@contextmanager
def deterministic_mode(*, enabled: bool) -> Iterator[None]:
    """Compute deterministically within the block; flags and torch's generators are put back.

    May be nested. Not enabled it does nothing.

    Raises:
        RuntimeError: from within, where an operation has no deterministic form; torch names it.
    """
    if not enabled:
        yield
        return
    algorithms = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn
    flags, workspace = (cudnn.deterministic, cudnn.benchmark), os.environ.get(CUBLAS)
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]  # torch leaves it so
    on_gpu = [torch.cuda.current_device()] if used else []
    with torch.random.fork_rng(devices=on_gpu):
        try:
            os.environ.setdefault(CUBLAS, CUBLAS_FIXED)
            torch.use_deterministic_algorithms(mode=True)
            cudnn.deterministic, cudnn.benchmark = True, False
            yield
        finally:
            torch.use_deterministic_algorithms(algorithms, warn_only=warn_only)
            cudnn.deterministic, cudnn.benchmark = flags
            if workspace is None:
                os.environ.pop(CUBLAS, None)
