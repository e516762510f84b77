"""The database: made and brought up to date whoever comes first, all or nothing, and never in silence."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import postgresql

from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import (
    Duration,
    Instant,
    Storage,
    StorageDamaged,
    StorageFull,
    StorageTooNew,
    open_storage,
)
from allpoints.schedule import tables
from allpoints.staff import sessions


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data %41 of a")


@pytest.fixture
def storage(folders: Folders) -> Iterator[Storage]:
    storage = open_storage(folders)
    yield storage
    storage.close()


def tables_of(folders: Folders) -> set[str]:
    storage = open_storage(folders)
    with storage.read() as connection:
        names = set(sa.inspect(connection).get_table_names())
    storage.close()
    return names


def test_many_processes_may_open_it_at_once_for_the_first_time(folders: Folders) -> None:
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        seen = [future.result() for future in [pool.submit(tables_of, folders) for _ in range(4)]]
    assert all({"gathering", "staff_session"} <= names for names in seen)


def test_many_threads_may_too(folders: Folders) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len({frozenset(names) for names in pool.map(tables_of, [folders] * 8)}) == 1


def test_the_steps_make_exactly_the_tables_that_the_rooms_use(storage: Storage) -> None:
    with storage.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        both: Any = [tables.METADATA, sessions.METADATA]  # Alembic takes several, its types say one
        assert compare_metadata(context, both) == []


def test_the_tables_could_stand_in_postgresql() -> None:
    for table in (*tables.METADATA.sorted_tables, *sessions.METADATA.sorted_tables):
        statement = str(sa.schema.CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert statement.lstrip().startswith("CREATE TABLE")


def test_it_waits_for_writers_and_keeps_its_promises(storage: Storage, folders: Folders) -> None:
    with storage.read() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "foreign_keys", "busy_timeout")]
    assert pragmas == ["wal", 1, 10_000]
    assert folders.database.stat().st_mode & 0o777 == 0o600


def test_a_write_is_all_or_nothing(storage: Storage) -> None:
    def insert(connection: sa.Connection) -> None:
        connection.exec_driver_sql("INSERT INTO person (key, position, name) VALUES ('ines', 0, '{}')")

    def insert_and_stumble() -> None:
        with storage.write() as connection:
            insert(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        insert_and_stumble()
    with storage.read() as connection:
        assert connection.execute(sa.select(tables.PERSON)).all() == []
    with storage.write() as connection:
        insert(connection)
    with storage.read() as connection:
        assert len(connection.execute(sa.select(tables.PERSON)).all()) == 1


def test_writers_that_first_read_wait_for_one_another(storage: Storage) -> None:
    count = sa.text("SELECT count(*) FROM person")

    def add_one() -> None:
        with storage.write() as connection:
            number = connection.execute(count).scalar()
            connection.exec_driver_sql("INSERT INTO person (key, position, name) VALUES (?, 0, '{}')", (str(number),))

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storage.read() as connection:
        assert connection.execute(count).scalar() == 8


def test_a_reader_keeps_its_view_while_another_writes(storage: Storage) -> None:
    count = sa.text("SELECT count(*) FROM person")
    with storage.read() as reader:
        assert reader.execute(count).scalar() == 0
        with storage.write() as writer:
            writer.exec_driver_sql("INSERT INTO person (key, position, name) VALUES ('ines', 0, '{}')")
        assert reader.execute(count).scalar() == 0


def test_a_file_that_is_no_database_is_refused_and_left_alone(folders: Folders) -> None:
    folders.make()
    folders.database.write_bytes(b"not a database " * 1000)
    with pytest.raises(StorageDamaged) as caught:
        open_storage(folders)
    assert str(folders.database) in caught.value.sentence()
    assert folders.database.read_bytes().startswith(b"not a database")


def test_a_database_of_a_newer_version_is_refused(folders: Folders) -> None:
    open_storage(folders).close()
    with sqlite3.connect(folders.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'schedule_9999' WHERE version_num LIKE 'sched%'")
    connection.close()
    with pytest.raises(StorageTooNew):
        open_storage(folders)


def test_instants_and_durations_come_back_to_the_microsecond(storage: Storage) -> None:
    instant = datetime(2026, 10, 25, 1, 30, 0, 7, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    length = timedelta(days=6, microseconds=1)
    table = sa.Table("kept", sa.MetaData(), sa.Column("at", Instant), sa.Column("length", Duration))
    with storage.write() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), [{"at": instant, "length": length}, {"at": None, "length": None}])
    with storage.read() as connection:
        kept, nothing = connection.execute(sa.select(table)).all()
    assert tuple(kept) == (instant, length)
    assert kept.at.tzinfo is UTC
    assert tuple(nothing) == (None, None)


def test_a_full_disk_is_said_in_words_and_undoes_the_whole_write(storage: Storage) -> None:
    with storage.write() as connection:
        connection.exec_driver_sql("CREATE TABLE lamp (name TEXT)")
    with storage.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    def write() -> None:
        with storage.write() as connection:
            for number in range(200):
                connection.exec_driver_sql("INSERT INTO lamp VALUES (?)", (f"{number}" * 500,))

    with pytest.raises(StorageFull, match="takes nothing more"):
        write()
    with storage.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM lamp").scalar_one() == 0
