"""How unlike the training sites a whole slide is: staining, scale, sharpness.

One cell can look odd by chance; twenty of one slide that differ in the same way mean another stain,
scanner or focus, and then confidence may be overstated. A slide has one assessment by the model
whose predictions its cells carry; it says nothing of any patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wbc_desktop.domain.audit.events import Json

MIN_CELLS = 20
SCORE_DECIMALS = 4  # in the table and in the event, so that both can be compared


@dataclass(frozen=True, kw_only=True)
class SlideShift:
    """The assessment of one slide.

    Attributes:
        n: Cells it rests on, ``MIN_CELLS`` or more.
        score: 0 and more; 1.0 is the alarm threshold.
        alarm: The slide is unlike every training site.
        statistic: Name of what differs most.
        text: Which statistic differs and by how much, in one plain sentence.
        advice: What to do.
    """

    n: int
    score: float
    alarm: bool
    statistic: str
    text: str
    advice: str

    @property
    def score_text(self) -> str:
        """The score with ``SCORE_DECIMALS`` digits after the point."""
        return f"{self.score:.{SCORE_DECIMALS}f}"

    def payload(self) -> dict[str, Json]:
        """Return it as an event carries it: the score is text, an event holds no float."""
        return {
            "n": self.n,
            "score": self.score_text,
            "alarm": self.alarm,
            "statistic": self.statistic,
            "text": self.text,
            "advice": self.advice,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> "SlideShift":
        """Read one from an event.

        Raises:
            ValueError: If it is none.
        """
        try:
            return cls(
                n=int(str(payload["n"])),
                score=float(str(payload["score"])),
                alarm=payload["alarm"] is True,
                statistic=str(payload["statistic"]),
                text=str(payload["text"]),
                advice=str(payload["advice"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no assessment of a slide: {payload!r}") from error


@dataclass(frozen=True, kw_only=True)
class SlideQuality:
    """What is known of one slide, for people and files.

    Attributes:
        slide_id: Row id.
        patient: The patient's code.
        slide: Name of the slide.
        n_cells: Cells imported.
        shift: The assessment, or None where there is none yet or never can be.
    """

    slide_id: int
    patient: str
    slide: str
    n_cells: int
    shift: SlideShift | None

    @property
    def alarm(self) -> bool:
        """True if the slide is unlike every training site."""
        return self.shift is not None and self.shift.alarm

    def words(self) -> str:
        """Return the assessment in a sentence."""
        if self.shift is None:
            few = self.n_cells < MIN_CELLS
            return f"too few cells to judge (fewer than {MIN_CELLS})" if few else "not judged yet"
        return self.shift.text
