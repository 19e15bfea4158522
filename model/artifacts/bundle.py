"""A model that travels: one file, of arrays and JSON, with the hash of every part and of the whole.

A bundle is a ZIP archive without compression: `manifest.json`, then the card and the files of a
layered model (`model.artifacts.layered_model`). The base does not travel, for every installation
has it; whoever opens the bundle needs the same one. The hashes tell a damaged or altered file; they
do not tell who made it. Nothing in a bundle is ever run, and equal models give equal bytes.

    pack(folder, file, base=base_folder)
    card = unpack(file, new_folder, base=base_folder)
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

from model.artifacts.array_files import atomic_file
from model.artifacts.card import CARD_NAME, ModelFileError
from model.artifacts.layered_model import OWN_FILES, ModelFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIX: Final = ".wbcmodel"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
MAX_BYTES: Final = 200 * 2**20  # of all parts; a fine-tuned model takes about 35 MB
MAX_MANIFEST: Final = 2**16
BEGINNING: Final = b"PK\x03\x04"
BLOCK: Final = 2**20
DAY: Final = (1980, 1, 1, 0, 0, 0)  # the time that every part bears, so that bytes are equal


def pack(folder: Path, file: Path, *, base: Path) -> None:
    """Write a layered model as one file, whole or not at all.

    Args:
        folder: of the model.
        file: to write; replaced where it is there.
        base: folder of its base model.

    Raises:
        ModelFileError: the model is damaged, is not this base's, or is a base itself.
        OSError: the file cannot be written.
    """
    files = ModelFiles.of(folder, base=base)
    if files.base_card is None:
        raise ModelFileError(f"{files.card['model_id']} comes with the program and does not travel")
    files.verify_own()
    names = (CARD_NAME, *sorted(files.card["files"]))
    manifest = {
        "format": FORMAT,
        "model_id": files.card["model_id"],
        "model_sha256": files.model_sha256,
        "base": dict(files.card["base"]),
        "parts": {name: describe_part(folder / name) for name in names},
    }
    manifest["digest"] = digest_of(manifest)
    with atomic_file(file) as opened, zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zip_entry(MANIFEST), json.dumps(manifest, indent=1).encode())
        for name in names:
            archive.writestr(zip_entry(name), (folder / name).read_bytes())


def unpack(file: Path, folder: Path, *, base: Path) -> Mapping[str, Any]:
    """Take a model out of its file. Nothing is written before every part has been checked.

    Args:
        file: of `pack`.
        folder: to write into; must be there, and empty.
        base: folder of the base model here.

    Returns:
        The model's card.

    Raises:
        ModelFileError: the file is damaged, altered, no bundle, or for another base model.
        OSError: the folder cannot be written to.
    """
    with file.open("rb") as opened:
        if opened.read(len(BEGINNING)) != BEGINNING:
            raise ModelFileError(f"{file} is no model file")
    try:
        with zipfile.ZipFile(file) as archive:
            check_form(archive)
            manifest = checked_manifest(archive)
            check_parts(archive, manifest["parts"])
            for name in manifest["parts"]:
                (folder / name).write_bytes(archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ModelFileError(f"{file} is damaged: {error}") from error
    except ValueError as error:
        raise ModelFileError(f"{file} cannot be used: {error}") from error
    files = ModelFiles.of(folder, base=base)
    if files.base_card is None:
        raise ModelFileError(f"{file} holds a whole model, and no layer over another")
    files.verify_own()
    if files.model_sha256 != manifest["model_sha256"]:
        raise ModelFileError(f"{file} holds another model than its manifest says")
    return files.card


def check_form(archive: zipfile.ZipFile) -> None:
    """Check what can be told of an archive before any of it is read.

    Raises:
        ValueError: it is not of the form that `pack` gives.
    """
    parts = archive.infolist()
    if any(part.compress_type != zipfile.ZIP_STORED or part.flag_bits & 1 for part in parts):
        raise ValueError("its parts are packed, which those of a model file never are")
    if sum(part.file_size for part in parts) > MAX_BYTES:
        raise ValueError(f"it takes more than {MAX_BYTES // 2**20} MB")
    if len(parts) != len({part.filename for part in parts}):
        raise ValueError("it holds a part twice")


def checked_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read what a bundle says it holds.

    Raises:
        ValueError: it says nothing that can be understood, or was altered.
    """
    parts = {part.filename: part for part in archive.infolist()}
    if MANIFEST not in parts:
        raise ValueError("it is no model file: it has no manifest")
    if parts[MANIFEST].file_size > MAX_MANIFEST:
        raise ValueError("its manifest is too large")
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"it is not of format {FORMAT}; a newer program may have written it")
    if manifest.get("digest") != digest_of(manifest):
        raise ValueError("its manifest was altered")
    stated = manifest.get("parts")
    if not isinstance(stated, dict) or CARD_NAME not in stated:
        raise ValueError("its manifest names no card")
    if strange := sorted(set(stated) - {CARD_NAME, *OWN_FILES}):
        raise ValueError(f"it names parts that no model has: {', '.join(strange)}")
    return manifest


def check_parts(archive: zipfile.ZipFile, stated: Mapping[str, Any]) -> None:
    """Hold every part of a bundle against its manifest.

    Raises:
        ValueError: a part is missing, altered, or not named at all.
    """
    names = set(archive.namelist())
    if strange := sorted(names - {MANIFEST, *stated}):
        raise ValueError(f"it holds parts that its manifest does not name: {', '.join(strange)}")
    if missing := sorted(set(stated) - names):
        raise ValueError(f"{', '.join(missing)} is missing")
    for name, part in stated.items():
        hashed = hashlib.sha256()
        with archive.open(name) as content:
            while block := content.read(BLOCK):
                hashed.update(block)
        if not isinstance(part, dict) or hashed.hexdigest() != part.get("sha256"):
            raise ValueError(f"{name} was altered or damaged")


def describe_part(path: Path) -> dict[str, Any]:
    """Describe a file for the manifest."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return one sha256 (hex) over all that a manifest states."""
    stated = {name: value for name, value in manifest.items() if name != "digest"}
    text = json.dumps(stated, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def zip_entry(name: str) -> zipfile.ZipInfo:
    """Describe a part for the archive, without a date or a user."""
    part = zipfile.ZipInfo(name, DAY)
    part.external_attr = 0o644 << 16
    part.create_system = 3  # alike on every system
    return part
