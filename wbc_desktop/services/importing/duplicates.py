"""Pictures that are there already: of the same patient they are skipped, of another one kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.importing.plan import (
    Duplicate,
    PlannedCell,
    PlannedPatient,
    PlannedSlide,
)
from wbc_desktop.services.importing.scan import ScanResult
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.sources.base import natural_key

_SHAS_AT_ONCE = 20_000


class DuplicateFilter:
    """Sorts out pictures that are there already.

    Args:
        catalogue: What the workspace holds; None for a new one.
        found: What is to be imported.
        site: Name of the site asked for, or the empty string.

    Attributes:
        duplicates: Noted so far.
    """

    def __init__(self, catalogue: Catalogue | None, found: ScanResult, *, site: str) -> None:
        self.duplicates: list[Duplicate] = []
        self._catalogue = catalogue
        self._found = found
        self._site = site
        self._sites = catalogue.patients.sites() if catalogue else {}
        self._elsewhere = self._known(dict.fromkeys(crop.sha256 for crop in found.crops))

    def patients(
        self, by_patient: Mapping[str, Sequence[tuple[str, PlannedCell]]]
    ) -> Iterator[PlannedPatient]:
        """Yield the patients who get cells, in natural order.

        Args:
            by_patient: Slide and cell of everything found, by patient.

        Raises:
            UserError: If a patient is known from another site.
        """
        for code in sorted(by_patient, key=natural_key):
            known = self._check_site(code)
            slides = self._new_slides(code, by_patient[code])
            if slides:
                yield PlannedPatient(code=code, known=known, slides=slides)

    def _new_slides(
        self, code: str, cells: Iterable[tuple[str, PlannedCell]]
    ) -> tuple[PlannedSlide, ...]:
        slides: dict[str, list[PlannedCell]] = defaultdict(list)
        first: dict[str, str] = {}
        for slide, cell in cells:
            sha256 = cell.found.sha256
            path = self._found.shown(cell.found.source, cell.found.crop.path)
            holders = self._elsewhere.get(sha256, set())
            if sha256 in first:
                self._note(path, code, f"the same picture as {first[sha256]}", kept=False)
            elif code in holders:
                self._note(path, code, "imported before", kept=False)
            else:
                if holders:
                    whose = ", ".join(sorted(holders, key=natural_key))
                    self._note(path, code, f"the same picture is also of {whose}", kept=True)
                first[sha256] = path
                slides[slide].append(cell)
        for sha256 in first:
            self._elsewhere.setdefault(sha256, set()).add(code)
        return tuple(
            PlannedSlide(code=slide, cells=tuple(slides[slide]))
            for slide in sorted(slides, key=natural_key)
        )

    def _note(self, path: str, patient: str, reason: str, *, kept: bool) -> None:
        self.duplicates.append(Duplicate(path=path, patient=patient, reason=reason, kept=kept))

    def _check_site(self, code: str) -> bool:
        known = self._sites.get(code)
        if known and self._site and known != self._site:
            raise UserError(
                f"Patient {code} is already here from another site",
                f"{known}, not {self._site}",
                "Import without naming a site, or rename the patient's folder.",
            )
        return known is not None

    def _known(self, sha256s: Iterable[str]) -> dict[str, set[str]]:
        holders: dict[str, set[str]] = {}
        waiting = iter(sha256s)
        while self._catalogue and (chunk := list(islice(waiting, _SHAS_AT_ONCE))):
            holders.update(self._catalogue.imports.patients_with_shas(chunk))
        return holders
