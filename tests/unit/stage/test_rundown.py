"""Where the plan stands: after a hole the rundown is at now, not where it stopped."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.schedule.model import SourceRef
from allpoints.stage.rundown import Rundown, RundownItem


def rundown_of(*ticks: int | None, loops: bool = False) -> Rundown:
    return Rundown(
        [RundownItem(f"i{n}", "chapter", f"t{n}", SourceRef("s"), each) for n, each in enumerate(ticks)], loops
    )


def test_the_first_item_follows_nothing() -> None:
    first = rundown_of(10, 20).after(None)
    assert first is not None
    assert first.item == "i0"


def test_nothing_follows_the_last_unless_it_loops() -> None:
    assert rundown_of(10, 20).after("i1") is None
    again = rundown_of(10, 20, loops=True).after("i1")
    assert again is not None
    assert again.item == "i0"


def test_an_empty_rundown_has_no_next() -> None:
    assert rundown_of().after(None) is None


def test_the_item_that_was_on_air_is_still_due_within_its_duration() -> None:
    due = rundown_of(100, 100).due("i0", 1_000, 1_099)
    assert due is not None
    assert (due[0].item, due[1]) == ("i0", 1_000)


def test_missed_items_are_passed_over() -> None:
    due = rundown_of(100, 100, 100).due("i0", 1_000, 1_250)
    assert due is not None
    assert (due[0].item, due[1]) == ("i2", 1_200)


def test_a_rundown_that_ran_out_has_nothing_due() -> None:
    assert rundown_of(100, 100).due("i0", 0, 200) is None


def test_an_item_without_a_duration_is_taken_to_be_still_running() -> None:
    due = rundown_of(100, None, 100).due("i0", 0, 1_000_000)
    assert due is not None
    assert due[0].item == "i1"


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=8), st.integers(0, 10_000), st.integers(0, 100_000_000)
)
def test_in_a_loop_something_is_due_at_every_tick(ticks: list[int], started: int, later: int) -> None:
    plan = rundown_of(*ticks, loops=True)
    due = plan.due("i0", started, started + later)
    assert due is not None
    row, start = due
    assert row.ticks is not None
    assert start <= started + later < start + row.ticks
