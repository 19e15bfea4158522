"""The ground all reads stand on: a connection, taken from the pool or given.

A read outside a transaction takes a connection for its own duration and sees one state of the
file. Several reads that must agree with one another go through ``Workspace.snapshot``.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Connection, Engine, Row, Select

from wbc_desktop.store.database import explained

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Reads:
    """Runs SELECT statements.

    Attributes:
        code: The workspace's code, which its cell ids begin with.
    """

    def __init__(self, source: Engine | Connection, *, path: Path, code: str) -> None:
        self.code = code
        self._source = source
        self._path = path

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with explained(self._path):
            if isinstance(self._source, Connection):
                yield self._source
            else:
                with self._source.connect() as connection:
                    yield connection

    def _all(self, statement: Select[*Ts]) -> Sequence[Row[*Ts]]:
        with self._connected() as connection:
            return connection.execute(statement).all()

    def _first(self, statement: Select[*Ts]) -> Row[*Ts] | None:
        with self._connected() as connection:
            return connection.execute(statement).first()

    def _column(self, statement: Select[T]) -> Sequence[T]:
        with self._connected() as connection:
            return connection.execute(statement).scalars().all()

    def _stream(self, statement: Select[Any]) -> Iterator[Row[Any]]:
        with self._connected() as connection:
            yield from connection.execute(statement.execution_options(yield_per=1000))
