"""crops.db: the encoded bytes of every crop and its thumbnail, found by sha256.

The store only ever grows: a crop is written before the first row that uses it, so that a crash
leaves at worst a crop nobody asks for. Bytes are kept exactly as they were in the imported file.
Plain SQLite, no Core: it is a map from hash to bytes, and reading it is the gallery's hot path.

Reading and writing are safe from any thread: each call borrows a connection from a small pool.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import decoding
from wbc_desktop.store.database import BUSY_TIMEOUT_MS, explained

_APPLICATION_ID = 0x57424343  # "WBCC"
_VERSION = 1

# Thumbnails lie in their own table: a page of tiles then reads a few neighbouring pages of the
# file instead of stepping over the originals.
_SCHEMA = """
CREATE TABLE crop (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    encoded BLOB NOT NULL
);
CREATE TABLE thumbnail (id INTEGER PRIMARY KEY REFERENCES crop (id), jpeg BLOB NOT NULL);
CREATE TRIGGER crop_is_never_changed BEFORE UPDATE ON crop
BEGIN SELECT RAISE(ABORT, 'a crop is never changed'); END;
CREATE TRIGGER crop_is_never_deleted BEFORE DELETE ON crop
BEGIN SELECT RAISE(ABORT, 'a crop is never deleted'); END;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCrop:
    """A crop as the store knows it.

    Attributes:
        sha256: Of the encoded bytes, lower-case hex.
        width: Pixels, upright.
        height: Pixels, upright.
    """

    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCrop:
    """A crop that was decoded wholly and is ready to be written.

    Attributes:
        stored: Hash and size.
        encoded: The file's bytes, unchanged.
        thumbnail: JPEG, longest side at most 128 px.
    """

    stored: StoredCrop
    encoded: bytes
    thumbnail: bytes


def content_hash(encoded: bytes) -> str:
    """Return the key of a crop: the sha256 of its encoded bytes, lower-case hex."""
    return hashlib.sha256(encoded).hexdigest()


def prepare(encoded: bytes, *, name: str) -> PreparedCrop:
    """Hash and decode a crop and make its thumbnail; safe to call from many threads.

    Args:
        encoded: The whole image file.
        name: What to call it in an error.

    Raises:
        UserError: If the bytes are not a sound image of a crop.
    """
    small = decoding.thumbnail(encoded, name=name)
    stored = StoredCrop(sha256=content_hash(encoded), width=small.width, height=small.height)
    return PreparedCrop(stored=stored, encoded=encoded, thumbnail=small.jpeg)


class CropStore:
    """The crops of one workspace.

    Args:
        path: The file ``crops.db``; made if it is not there.

    Raises:
        UserError: If the file is damaged, of another kind or of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        try:
            self._ensure_schema()
        except BaseException:
            self.close()
            raise

    def add(self, encoded: bytes, *, name: str = "crop") -> StoredCrop:
        """Check, hash and keep one crop; a crop that is there already is left alone.

        Raises:
            UserError: If the bytes are not a sound image, or the disk refuses.
        """
        prepared = prepare(encoded, name=name)
        self.add_many([prepared])
        return prepared.stored

    def add_many(self, crops: Iterable[PreparedCrop]) -> None:
        """Write crops in one transaction; those that are there already are left alone.

        Raises:
            UserError: If the disk refuses; nothing of this batch is then kept.
        """
        with self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for crop in crops:
                    _insert(connection, crop)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def has(self, sha256: str) -> bool:
        """Tell whether a crop is there."""
        return self._value("SELECT 1 FROM crop WHERE sha256 = ?", sha256) is not None

    def encoded(self, sha256: str) -> bytes:
        """Return the bytes of the imported file.

        Raises:
            UserError: If the store has no such crop.
        """
        return self._blob("SELECT encoded FROM crop WHERE sha256 = ?", sha256)

    def thumbnail(self, sha256: str) -> bytes:
        """Return the thumbnail as JPEG.

        Raises:
            UserError: If the store has no such crop.
        """
        query = "SELECT jpeg FROM crop JOIN thumbnail USING (id) WHERE sha256 = ?"
        return self._blob(query, sha256)

    def thumbnails(self, sha256s: Iterable[str]) -> dict[str, bytes]:
        """Return the thumbnails (JPEG) by sha256; those the store lacks are left out."""
        query = "SELECT jpeg FROM crop JOIN thumbnail USING (id) WHERE sha256 = ?"
        found: dict[str, bytes] = {}
        with self._borrowed() as connection:
            for sha256 in sha256s:
                row = connection.execute(query, (bytes.fromhex(sha256),)).fetchone()
                if row is not None:
                    found[sha256] = row[0]
        return found

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height in px, upright, of every crop by its digest."""
        with self._borrowed() as connection:
            rows = connection.execute("SELECT sha256, width, height FROM crop")
            return {sha256.hex(): (width, height) for sha256, width, height in rows}

    def decoded(self, sha256: str) -> NDArray[np.uint8]:
        """Return the pixels of a crop: uint8 (height, width, 3), sRGB, upright.

        Raises:
            UserError: If the store has no such crop.
        """
        return decoding.decode(self.encoded(sha256), name=sha256)

    def close(self) -> None:
        """Close every connection; one that is in use is closed when it comes back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _value(self, query: str, sha256: str) -> object:
        with self._borrowed() as connection:
            row = connection.execute(query, (bytes.fromhex(sha256),)).fetchone()
        return None if row is None else row[0]

    def _blob(self, query: str, sha256: str) -> bytes:
        value = self._value(query, sha256)
        if not isinstance(value, bytes):
            raise UserError(
                "A crop is missing",
                f"{sha256[:12]}… in {self._path}",
                "Import its folder again, or put crops.db back from a backup.",
            )
        return value

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._closed:
                raise UserError("This workspace is closed", str(self._path), "Open it again.")
            connection = self._idle.pop() if self._idle else None
        try:
            with explained(self._path):
                connection = connection or self._connect()
                yield connection
        finally:
            if connection is not None:
                self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        # FULL: rows in workspace.wbc may rely on a crop the moment its batch is committed.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _ensure_schema(self) -> None:
        new = not self._path.exists() or self._path.stat().st_size == 0
        if not new and not _begins_as_sqlite(self._path):
            raise _not_crops(self._path)
        with self._borrowed() as connection:
            kind = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if new and kind == 0:
                connection.execute("PRAGMA page_size = 8192")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(
                    f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {_APPLICATION_ID};"
                    f" PRAGMA user_version = {_VERSION}; COMMIT;"
                )
            elif kind != _APPLICATION_ID:
                raise _not_crops(self._path)
            elif version > _VERSION:
                raise UserError(
                    "These images were stored by a newer version of WBC Desktop",
                    str(self._path),
                    "Update WBC Desktop.",
                )


def _begins_as_sqlite(path: Path) -> bool:
    with explained(path), path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _not_crops(path: Path) -> UserError:
    return UserError(
        "This file does not hold the images of a workspace",
        str(path),
        "Put the right crops.db back beside workspace.wbc.",
    )


def _insert(connection: sqlite3.Connection, crop: PreparedCrop) -> None:
    stored = crop.stored
    cursor = connection.execute(
        "INSERT INTO crop (sha256, width, height, encoded) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO NOTHING",
        (bytes.fromhex(stored.sha256), stored.width, stored.height, crop.encoded),
    )
    if cursor.rowcount == 1:
        connection.execute(
            "INSERT INTO thumbnail (id, jpeg) VALUES (?, ?)", (cursor.lastrowid, crop.thumbnail)
        )
