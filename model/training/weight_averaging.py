"""Weight averaging: how the weights that are shipped come from those that are trained.

Both kinds are one recursion, a = decay · a + (1 − decay) · w after each step; this file says what
the decay is. "ema" forgets: a fixed decay. "swad" does not: every step from a start on counts
alike, decay = (m − 1) / m at its m-th step.

"swad" is SWAD-like (Cha et al., NeurIPS 2021: the dense average over the flat part of the loss,
judged on the validation split of the sources), and simpler in three points. The start is theirs, a
check whose loss is not undercut by the next two, but comes at `swad_start` of the steps at the
latest, since with a cosine schedule the loss may fall to the very end; a run without checks starts
there. The end is no end: while the newest check lies more than 30 % above the lowest one, steps
are left out. And the stretch before such a check stays in the average.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.training.config import TrainConfig

PLATEAU: Final = 2  # later checks that do not undercut the one where the average starts
TOLERANCE: Final = 1.3  # times the lowest loss; SWAD's own default


@dataclass
class AveragingSchedule:
    """What a run remembers of its average from step to step; a checkpoint keeps it.

    Attributes:
        config: of the run.
        taken: steps in the dense average.
        lowest: least validation loss so far.
        waited: checks since then.
        settled: the start is fixed.
        paused: the newest check was too high; steps are left out.
    """

    config: TrainConfig = field(repr=False)
    taken: int = 0
    lowest: float = float("inf")
    waited: int = 0
    settled: bool = False
    paused: bool = False

    def next_decay(self, step: int) -> float:
        """Return the decay for the step that has just been taken, and count it.

        Args:
            step: its number, from 0.

        Returns:
            0..1; 0 makes the average the network itself, 1 leaves it as it is.
        """
        match self.config.averaging:
            case "none":
                return 0.0
            case "swad":
                return self._dense(step)
            case _:
                # Early on the average must not drag the start along: let it reach back over the
                # steps taken.
                return min(self.config.ema_decay, (1.0 + step) / (10.0 + step))

    def _dense(self, step: int) -> float:
        if self.paused:
            return 1.0
        if self.lowest == float("inf") and step < self._latest_start:
            return 0.0
        self.taken += 1
        return 1.0 - 1.0 / self.taken

    @property
    def _latest_start(self) -> float:
        return self.config.swad_start * self.config.steps

    def take_validation_loss(self, loss: float, *, steps: int) -> None:
        """Take note of a check on the sources' validation split; never of the target.

        Args:
            loss: >= 0, of the network itself, not of its average.
            steps: taken so far.
        """
        self.settled = self.settled or steps > self._latest_start
        if loss < self.lowest:
            self.lowest, self.waited = loss, 0
            if not self.settled:
                self.taken = 0  # the flat part starts here, or later
        else:
            self.waited += 1
            self.settled = self.settled or self.waited >= PLATEAU
        self.paused = not loss <= TOLERANCE * self.lowest  # so that NaN pauses too

    def to_checkpoint(self) -> dict[str, Any]:
        """Return what is remembered, as plain values."""
        return {name: getattr(self, name) for name in checkpointed_fields()}

    @classmethod
    def from_checkpoint(cls, config: TrainConfig, stored: Mapping[str, Any]) -> AveragingSchedule:
        """Restore what `to_checkpoint` gave; what an older checkpoint lacks takes its start."""
        return cls(
            config, **{name: stored[name] for name in checkpointed_fields() if name in stored}
        )


def checkpointed_fields() -> list[str]:
    """Name what a checkpoint keeps of `AveragingSchedule`; the config is kept beside it."""
    return [f.name for f in fields(AveragingSchedule) if f.name != "config"]
