"""The database: one code path over SQLite, the embedded default, that also runs on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import exclusive
from allpoints.kernel.folders import Folders

_BUSY_SECONDS = 10


class StorageDamaged(AllpointsError):
    """The file is no database, or the database refuses to be read or upgraded."""

    code = "storage_damaged"
    status = 503
    for_people = (
        "The database {path} cannot be opened ({reason}). Put a backup in its place, "
        "or move it away and start again from the gathering file."
    )


class StorageTooNew(AllpointsError):
    """A later version has changed the tables in a way that this version does not know."""

    code = "storage_too_new"
    status = 503
    for_people = "The database {path} is of a newer Allpoints. Install that version again, or put a backup back."


class StorageFull(AllpointsError):
    """The disk takes no write: it is full, ill or read-only. What was to be written is undone as a whole."""

    code = "storage_full"
    status = 507
    for_people = "The disk with {path} takes nothing more. Make room there, then try again."


_TAKES_NOTHING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant, to the microsecond."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return instant


class Duration(sa.TypeDecorator[timedelta]):
    """A length of time in whole microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class Storage:
    """One gathering's database. Threads and processes may share it; transactions are short."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view; a writer meanwhile neither waits nor is waited for."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """All or nothing; waits up to ten seconds for another writer. Leaving by an exception undoes everything.

        Raises StorageFull.
        """
        try:
            with self._engine.connect().execution_options(allpoints_writes=True) as connection, connection.begin():
                yield connection
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _TAKES_NOTHING:
                raise StorageFull(path=str(self._engine.url.database)) from error
            raise

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def open_storage(folders: Folders) -> Storage:
    """Open the database of ``folders``, made and brought up to date first where that is needed.

    Any number of processes may do so at once: one of them does the work, the others wait for it.
    Raises StorageDamaged and StorageTooNew.
    """
    folders.make()
    path = folders.database
    path.touch(mode=0o600)  # it holds stream keys
    engine = _sqlite_engine(path)
    try:
        with exclusive(path.with_name(path.name + ".lock")):
            _upgrade(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return Storage(engine)


def _sqlite_engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # or the driver starts transactions of its own, and none around DDL
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer that first reads would be refused at once, not made to wait, if another wrote in between.
        writes = connection.get_execution_options().get("allpoints_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _upgrade(engine: sa.Engine, path: Path) -> None:
    from alembic.util import CommandError

    from allpoints.kernel.migrating import upgrade

    try:
        with engine.connect() as connection:  # WAL is a lasting property of the file and cannot change within BEGIN
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
        with engine.connect().execution_options(allpoints_writes=True) as connection, connection.begin():
            upgrade(connection)
    except CommandError:
        raise StorageTooNew(path=str(path)) from None
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        raise StorageDamaged(path=str(path), reason=reason) from error
