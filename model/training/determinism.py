"""Deterministic mode: the same run gives the same bits, or torch says which operation cannot.

Every random choice follows from the config's seed in any mode. What is left is the order in which
numbers are added up: on a GPU some kernels choose it anew each time. This mode forbids those. It
is slower, and holds for the same machine, versions, precision, number of threads and of processes.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

CUBLAS: Final = "CUBLAS_WORKSPACE_CONFIG"
CUBLAS_FIXED: Final = ":4096:8"  # cuBLAS adds in a fixed order only with workspaces of fixed size


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
