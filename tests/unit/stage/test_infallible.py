"""A guarded feed always has a frame, and its gaps never click."""

import numpy as np
from tests.stand_ins.stage import TestFeed, plain_picture, shade_of

from allpoints.contribute.source import SourceState
from allpoints.schedule.model import SourceRef
from allpoints.stage.infallible import Guarded, Slate


def guarded(**feed: object) -> tuple[TestFeed, Guarded]:
    made = TestFeed(SourceRef("s"), 90, **feed)  # type: ignore[arg-type]
    return made, Guarded(made, plain_picture(16), 0.2)


def test_what_the_feed_delivers_passes_untouched() -> None:
    _, source = guarded()
    moment = source.render()
    assert shade_of(moment.picture) == 90
    assert not source.spent


def test_a_feed_that_never_delivered_shows_slate() -> None:
    _, source = guarded(state=SourceState.WAITING)
    assert shade_of(source.render().picture) == 16


def test_a_gap_holds_the_last_picture_and_lets_the_sound_decay() -> None:
    feed, source = guarded(tone=431.0)
    before = source.render().sound
    feed.state = SourceState.LOST
    moment = source.render()
    assert shade_of(moment.picture) == 90
    joined = np.concatenate([before, moment.sound])[:, 0]
    assert np.abs(np.diff(joined)).max() < 0.05
    assert abs(moment.sound[-1, 0]) < 1e-3
    assert not source.render().sound.any()


def test_it_is_spent_after_its_grace_and_not_before() -> None:
    feed, source = guarded()
    source.render()
    feed.state = SourceState.LOST
    for _ in range(5):
        source.render()
        assert not source.spent
    source.render()
    assert source.spent


def test_a_file_that_ended_is_spent_at_once() -> None:
    _, source = guarded(lasts=1)
    source.render()
    source.render()
    assert source.spent


def test_sound_that_comes_back_is_faded_in() -> None:
    feed, source = guarded()
    source.render()
    feed.state = SourceState.LOST
    source.render()
    feed.state = SourceState.READY
    feed.pulled = 0
    back = source.render().sound
    assert back[0, 0] == 0.0


def test_a_faulty_feed_is_one_that_has_nothing() -> None:
    _, source = guarded(raises=True)
    assert shade_of(source.render().picture) == 16


def test_slate_is_never_spent() -> None:
    slate = Slate(plain_picture(16))
    slate.render()
    assert not slate.spent
