"""The first look: list every crop, hash it and decode it once, and keep next to nothing.

What is found does not depend on how the folders are read, so a person can switch the layout of the
dry run without anything being read again.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.importing.ordered_parallel import map_ordered
from wbc_desktop.services.importing.progress import ImportProgress, ProgressMeter, Stage
from wbc_desktop.store.crops import prepare
from wbc_desktop.store.sources import open_source
from wbc_desktop.store.sources.base import (
    FoundCrop,
    OtherFile,
    Problem,
    Reader,
    Source,
    natural_key,
)

_KEPT_THUMBNAILS = 64 * 1024 * 1024
"""Bytes of thumbnails kept from the scan for the import; beyond, they are made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCrop:
    """A crop that was read wholly and found sound.

    Attributes:
        source: Index of its source among those scanned.
        crop: Where it is.
        sha256: Of its encoded bytes, lower-case hex.
        width: Pixels, upright.
        height: Pixels, upright.
        thumbnail: JPEG, or None where memory was to be spared.
    """

    source: int
    crop: FoundCrop
    sha256: str
    width: int
    height: int
    thumbnail: bytes | None


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """Everything that the imported paths hold.

    Attributes:
        sources: One for each path.
        crops: Sound ones, in natural order of their paths, source by source.
        unreadable: Files that cannot be imported, each with its reason.
        others: For each source, the files that are no images.
    """

    sources: tuple[Source, ...]
    crops: tuple[CheckedCrop, ...]
    unreadable: tuple[Problem, ...]
    others: tuple[tuple[OtherFile, ...], ...]

    def shown(self, source: int, path: str) -> str:
        """Return a path as a message names it: with its source where there are several."""
        return f"{self.sources[source].name}/{path}" if len(self.sources) > 1 else path


def scan_paths(paths: Sequence[Path]) -> Generator[ImportProgress, None, ScanResult]:
    """List and check every crop below some paths; reads only.

    Closing the generator cancels.

    Args:
        paths: Folders, ZIP archives, CSV manifests, HDF5 or NPZ files.

    Yields:
        Progress, a few times a second.

    Returns:
        What was found.

    Raises:
        UserError: If a path cannot be read at all.
    """
    sources = tuple(open_source(path) for path in _distinct(paths))
    found, problems, others = yield from _listed(sources)
    crops, bad = yield from _examined(sources, found)
    named = ScanResult(sources=sources, crops=(), unreadable=(), others=())
    unreadable = tuple(
        Problem(named.shown(index, problem.path), problem.reason)
        for index, problem in sorted(
            [*problems, *bad], key=lambda p: (p[0], natural_key(p[1].path))
        )
    )
    return ScanResult(sources=sources, crops=crops, unreadable=unreadable, others=others)


def _distinct(paths: Sequence[Path]) -> list[Path]:
    if not paths:
        raise UserError("Nothing was named to import", advice="Name a folder of images.")
    return list({os.path.realpath(path.expanduser()): path for path in paths}.values())


def _listed(
    sources: Sequence[Source],
) -> Generator[
    ImportProgress,
    None,
    tuple[
        list[tuple[int, FoundCrop]], list[tuple[int, Problem]], tuple[tuple[OtherFile, ...], ...]
    ],
]:
    meter = ProgressMeter(stage=Stage.LISTING)
    found: list[tuple[int, FoundCrop]] = []
    problems: list[tuple[int, Problem]] = []
    others: list[tuple[OtherFile, ...]] = []
    for index, source in enumerate(sources):
        crops: list[FoundCrop] = []
        other: list[OtherFile] = []
        for entry in source.entries():
            if isinstance(entry, FoundCrop):
                crops.append(entry)
            elif isinstance(entry, Problem):
                problems.append((index, entry))
            else:
                other.append(entry)
            if meter.due():
                yield meter.report(len(found) + len(crops))
        crops.sort(key=lambda crop: natural_key(crop.path))
        found += [(index, crop) for crop in crops]
        others.append(tuple(other))
    return found, problems, tuple(others)


def _examined(
    sources: Sequence[Source], found: Sequence[tuple[int, FoundCrop]]
) -> Generator[ImportProgress, None, tuple[tuple[CheckedCrop, ...], list[tuple[int, Problem]]]]:
    meter = ProgressMeter(stage=Stage.CHECKING, total=len(found))
    sound: list[CheckedCrop] = []
    bad: list[tuple[int, Problem]] = []
    room = _KEPT_THUMBNAILS
    with ExitStack() as stack:
        readers = [stack.enter_context(source.opened()) for source in sources]

        def look(item: tuple[int, FoundCrop]) -> CheckedCrop | Problem:
            return _examine(item[0], item[1], readers[item[0]], keep=room > 0)

        # Entered last, so that no thread reads any more when the readers are closed.
        results = stack.enter_context(closing(map_ordered(look, found)))
        for done, result in enumerate(results, start=1):
            if isinstance(result, Problem):
                index = found[done - 1][0]
                bad.append((index, result))
                _check_reachable(sources[index])
            else:
                sound.append(result)
                room -= len(result.thumbnail or b"")
            if done == len(found) or meter.due():
                yield meter.report(done)
    return tuple(sound), bad


def _examine(index: int, crop: FoundCrop, reader: Reader, *, keep: bool) -> CheckedCrop | Problem:
    try:
        prepared = prepare(reader.read(crop), name=crop.path)
    except UserError as error:
        return Problem(crop.path, reason_of(error))
    return CheckedCrop(
        source=index,
        crop=crop,
        sha256=prepared.stored.sha256,
        width=prepared.stored.width,
        height=prepared.stored.height,
        thumbnail=prepared.thumbnail if keep else None,
    )


def reason_of(error: UserError) -> str:
    """Return an error's title as the reason in a list."""
    return error.title[0].lower() + error.title[1:] if error.title[:2].istitle() else error.title


def _check_reachable(source: Source) -> None:
    if not source.reachable():
        raise unreachable(source)


def unreachable(source: Source) -> UserError:
    """Return the error of a place that went away meanwhile."""
    return UserError(
        "The images can no longer be reached",
        source.place,
        "Connect the drive or the share again, then import again: what is there is skipped.",
    )
