"""What the tests of the sources ask of each of them."""

from wbc_desktop.store.sources.base import FoundCrop, OtherFile, Problem, Source


def crops(source: Source) -> list[FoundCrop]:
    """Return the crops a source lists, by path."""
    found = (entry for entry in source.entries() if isinstance(entry, FoundCrop))
    return sorted(found, key=lambda crop: crop.path)


def paths(source: Source) -> list[str]:
    """Return their paths."""
    return [crop.path for crop in crops(source)]


def problems(source: Source) -> dict[str, str]:
    """Return what a source cannot import, with the reasons."""
    return {e.path: e.reason for e in source.entries() if isinstance(e, Problem)}


def others(source: Source) -> list[str]:
    """Return the other files a source names."""
    return sorted(entry.path for entry in source.entries() if isinstance(entry, OtherFile))


def read_all(source: Source) -> dict[str, bytes]:
    """Return every crop's bytes."""
    with source.opened() as reader:
        return {crop.path: reader.read(crop) for crop in crops(source)}
