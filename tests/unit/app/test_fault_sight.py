"""What follows a fault, told from what is seen."""

from __future__ import annotations

from datetime import UTC, datetime

from allpoints.app.faults import FAULTS
from allpoints.app.faults.sight import Observer, Sight, position
from allpoints.kernel.processes import ProcessNote

AT = datetime(2027, 5, 1, tzinfo=UTC)


def processes(**pids: int) -> dict[str, ProcessNote]:
    return {name: ProcessNote(name, pid, pid % 10, is_ready=True, started_at=AT) for name, pid in pids.items()}


def said(observer: Observer, sight: Sight) -> list[str]:
    return [seen.message.format(who=seen.who, **seen.values) for seen in observer.look(sight)]


def test_a_stage_that_is_killed_is_told_from_its_restart_to_the_hole() -> None:
    before = Sight(processes(stage=11, web=21), last=50, on_slate=False)
    observer = Observer(before)
    observer.undone(before)
    assert said(observer, Sight(processes(web=21), 50)) == []
    assert said(observer, Sight(processes(stage=12, web=21), 50)) == ["the stage was started again"]
    resumed = Sight(processes(stage=12, web=21), 53, frozenset({51, 52}), on_slate=False)
    assert said(observer, resumed) == ["pictures go on: viewers missed 4 s"]
    assert observer.over
    assert said(observer, resumed) == []


def test_it_is_not_over_before_it_is_undone_nor_while_a_process_is_missing_or_slate_is_on() -> None:
    observer = Observer(Sight(processes(stage=11, web=21), 50, on_slate=False))
    assert said(observer, Sight(processes(stage=11, web=21), 60, on_slate=False)) == []
    observer.undone(Sight({}, 60))
    said(observer, Sight(processes(stage=11), 63))
    said(observer, Sight(processes(stage=11, web=21), 64, on_slate=True))
    assert not observer.over
    last = said(observer, Sight(processes(stage=11, web=21), 65, on_slate=False))
    assert last == ["a source is on air again", "pictures went on all the while: viewers missed nothing"]
    assert observer.over
    assert observer.was_on_slate


def test_the_watchdogs_deed_is_told() -> None:
    before = processes(web=21)
    observer = Observer(Sight(before, 50))
    after = {"web": ProcessNote("web", 22, 2, is_ready=True, last_end="did not answer for 2.0 s and was ended")}
    assert said(observer, Sight(after, 50)) == ["the web did not answer and was ended", "the web was started again"]


def test_a_playlist_tells_its_newest_segment_and_its_holes() -> None:
    lines = ["#EXT-X-MEDIA-SEQUENCE:7", "#EXTINF:2,", "a.m4s", "#EXT-X-GAP", "#EXTINF:2,", "b.m4s", "#EXTINF:2,",
             "c.m4s", "#EXT-X-GAP", "#EXTINF:2,", "d.m4s"]
    assert position("\n".join(lines)) == (9, frozenset({8, 10}))
    assert position("") == (-1, frozenset())


def test_every_fault_has_a_code_of_its_own_and_says_what_people_see() -> None:
    codes = [fault.code for fault in FAULTS]
    assert len(set(codes)) == len(codes) >= 12
    for fault in FAULTS:
        assert fault.title
        assert fault.will_see.endswith(".")
        assert bool(fault.undone) == bool(fault.lasts), f"{fault.code}: what lasts is undone, and says so"
