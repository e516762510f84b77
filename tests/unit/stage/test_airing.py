"""The life of an airing is its table: final states are final, and what the table does not list changes nothing."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from allpoints.schedule.model import SourceRef
from allpoints.stage.airing import FINAL, TABLE, Airing, AiringEvent, AiringState

AT = datetime(2031, 5, 2, tzinfo=UTC)
events = st.lists(st.sampled_from(list(AiringEvent)), max_size=12)


def walk(happened: list[AiringEvent]) -> list[Airing]:
    airing = Airing("a", None, "t", SourceRef("s"))
    steps = [airing]
    for tick, event in enumerate(happened):
        steps.append(steps[-1].after(event, tick, AT))
    return steps


def test_aired_and_dropped_are_the_final_states() -> None:
    assert {AiringState.AIRED, AiringState.DROPPED} == FINAL


@given(events)
def test_final_states_are_final(happened: list[AiringEvent]) -> None:
    steps = walk(happened)
    for before, after in pairwise(steps):
        if before.state in FINAL:
            assert after is before


@given(events)
def test_an_event_the_table_does_not_list_changes_nothing(happened: list[AiringEvent]) -> None:
    steps = walk(happened)
    for event, before, after in zip(happened, steps, steps[1:], strict=False):
        if event not in TABLE[before.state]:
            assert after is before


@given(events)
def test_nothing_is_on_air_before_its_first_frame_left(happened: list[AiringEvent]) -> None:
    for airing in walk(happened):
        if airing.state in (AiringState.ON_AIR, AiringState.LEAVING):
            assert airing.started_tick is not None
        if airing.state is AiringState.TAKING:
            assert airing.started_tick is None


def test_a_first_frame_after_a_panic_airs_nothing() -> None:
    *_, last = walk([AiringEvent.TAKE, AiringEvent.TAKEN_OUT, AiringEvent.FIRST_FRAME])
    assert last.state is AiringState.DROPPED
    assert last.ended_by == "taken_out"


def test_every_state_can_be_reached() -> None:
    reached = {AiringState.CUED} | {state for exits in TABLE.values() for state in exits.values()}
    assert reached == set(AiringState)
