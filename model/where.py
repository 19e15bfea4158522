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
        strategy: Fabric's; "auto" for one process, "ddp" for several.
        precision: Fabric's, such as "32-true" or "bf16-mixed".
    """

    accelerator: str = "cpu"
    devices: int = 1
    nodes: int = 1
    strategy: str = "auto"
    precision: str = "32-true"

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
