"""The gathering in the database: seeded once, whole or not at all, and owned by the database from then on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from tests.stand_ins.plans import SMALL_FILE, gatherings

from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import Storage, open_storage
from allpoints.schedule.gathering_file import load_gathering_file
from allpoints.schedule.model import Gathering, Trace
from allpoints.schedule.store import NoGathering, differs_from_seed, load_gathering, seed_once, take_trace
from allpoints.schedule.tables import METADATA

NOW = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


@pytest.fixture
def storage(folders: Folders) -> Iterator[Storage]:
    storage = open_storage(folders)
    yield storage
    storage.close()


@pytest.fixture
def gathering(tmp_path: Path) -> Gathering:
    path = tmp_path / "gathering.toml"
    path.write_text(SMALL_FILE)
    return load_gathering_file(path)


def empty(storage: Storage) -> None:
    with storage.write() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(sa.delete(table))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gatherings())
def test_what_is_loaded_is_what_was_seeded(storage: Storage, gathering: Gathering) -> None:
    empty(storage)
    assert seed_once(storage, gathering, NOW)
    loaded = load_gathering(storage)
    assert replace(loaded, epoch=gathering.epoch) == gathering
    assert [list(loaded.title.texts), list(loaded.slate.texts)] == [
        list(gathering.title.texts), list(gathering.slate.texts)]
    assert not differs_from_seed(storage, gathering)
    assert not differs_from_seed(storage, loaded)


@pytest.mark.parametrize(("now", "epoch"), [
    (NOW, datetime(2026, 10, 20, tzinfo=UTC)),
    (NOW.astimezone(timezone(timedelta(hours=13))), datetime(2026, 10, 20, tzinfo=UTC)),
    (datetime(2026, 10, 21, tzinfo=UTC), datetime(2026, 10, 21, tzinfo=UTC)),
])
def test_the_epoch_is_midnight_utc_of_the_day_of_seeding(
    storage: Storage, gathering: Gathering, now: datetime, epoch: datetime
) -> None:
    seed_once(storage, gathering, now)
    assert load_gathering(storage).epoch == epoch


def test_a_changed_file_changes_nothing_but_the_difference_is_known(storage: Storage, gathering: Gathering) -> None:
    assert seed_once(storage, gathering, NOW)
    changed = replace(gathering, slug="other", persons=())
    assert not seed_once(storage, changed, NOW + timedelta(days=3))
    assert load_gathering(storage).slug == "lights"
    assert load_gathering(storage).epoch == datetime(2026, 10, 20, tzinfo=UTC)
    assert differs_from_seed(storage, changed)
    assert not differs_from_seed(storage, gathering)


def test_a_gathering_from_before_there_was_a_choice_of_trace_goes_on_as_it_was(
    storage: Storage, folders: Folders, gathering: Gathering
) -> None:
    as_it_was = replace(gathering, trace=Trace())
    seed_once(storage, as_it_was, NOW)
    with storage.write() as connection:
        for column in ("low_trace", "neutral_title", "neutral_icon"):
            connection.exec_driver_sql(f"ALTER TABLE gathering DROP COLUMN {column}")
        connection.exec_driver_sql(
            "UPDATE alembic_version SET version_num = 'schedule_0002' WHERE version_num = 'schedule_0003'")
    again = open_storage(folders)
    assert replace(load_gathering(again), epoch=gathering.epoch) == as_it_was
    assert not differs_from_seed(again, as_it_was)
    assert differs_from_seed(again, gathering)
    again.close()


def test_the_trace_alone_is_taken_from_a_file_that_changed(storage: Storage, gathering: Gathering) -> None:
    seed_once(storage, gathering, NOW)
    only_that = replace(gathering, trace=Trace(low=not gathering.trace.low))
    more = replace(only_that, slug="other", trace=Trace(neutral_icon=True))
    for taken, is_all in ((only_that, True), (more, False), (gathering, True)):
        take_trace(storage, taken)
        planned = load_gathering(storage)
        assert replace(planned, epoch=gathering.epoch) == replace(gathering, trace=taken.trace)
        assert differs_from_seed(storage, taken) is not is_all


def test_without_a_gathering_there_is_a_sentence(storage: Storage, gathering: Gathering) -> None:
    with pytest.raises(NoGathering) as caught:
        load_gathering(storage)
    assert "allpoints init" in caught.value.sentence()
    with pytest.raises(NoGathering):
        differs_from_seed(storage, gathering)
    with pytest.raises(NoGathering):
        take_trace(storage, gathering)


def test_of_many_that_seed_at_once_one_does(folders: Folders, storage: Storage, gathering: Gathering) -> None:
    others = [open_storage(folders) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        seeded = list(pool.map(lambda each: seed_once(each, gathering, NOW), others))
    for each in others:
        each.close()
    assert sorted(seeded) == [False] * 5 + [True]


_SEED_AND_DIE = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
import sqlalchemy as sa
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.schedule.gathering_file import load_gathering_file
from allpoints.schedule.store import seed_once

file, data, moment = sys.argv[1:]
storage = open_storage(Folders.beneath(Path(data)))
done = 0

@sa.event.listens_for(sa.Engine, "after_cursor_execute")
def die(*_):
    global done
    done += 1
    if done == int(moment):
        os.kill(os.getpid(), signal.SIGKILL)

@sa.event.listens_for(sa.Engine, "commit")
def before_commit(_):
    if moment == "0":
        os.kill(os.getpid(), signal.SIGKILL)

seed_once(storage, load_gathering_file(Path(file)), datetime.now(UTC))
"""


@pytest.mark.parametrize("moment", [1, 3, 5, 8, 0])  # after so many statements; 0: just before the commit
def test_killed_in_the_middle_of_seeding_it_is_not_seeded(
    tmp_path: Path, folders: Folders, gathering: Gathering, moment: int
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", _SEED_AND_DIE, tmp_path / "gathering.toml", folders.data, str(moment)],
        env=dict(os.environ), timeout=60, check=False,
    )
    assert died.returncode == -9
    storage = open_storage(folders)
    try:
        with pytest.raises(NoGathering):
            load_gathering(storage)
        with storage.read() as connection:
            assert all(not connection.execute(sa.select(table)).all() for table in METADATA.sorted_tables)
        assert seed_once(storage, gathering, NOW)
        assert replace(load_gathering(storage), epoch=gathering.epoch) == gathering
    finally:
        storage.close()
