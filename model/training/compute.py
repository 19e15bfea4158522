"""Where a run computes: how many processes, on what devices, in which precision."""

from __future__ import annotations

from dataclasses import dataclass

from lightning_fabric import Fabric


@dataclass(frozen=True)
class Where:
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
