"""Orders from forms: what becomes a request, and what is refused."""

from __future__ import annotations

import pytest

from allpoints.publish.simulcast import Wish
from allpoints.stage import protocol as said
from allpoints.web.orders import BadOrder, HeldOrder, NotHeld, ReceiverOrder, order_of


@pytest.mark.parametrize(
    ("verb", "fields", "request_"),
    [
        ("cue", {"item": "film", "csrf": "x"}, said.Cue(item="film", by="Ada")),
        ("cue", {"source": "harbour"}, said.Cue(source="harbour", by="Ada")),
        ("take", {"airing": "a-1", "transition": "mix", "key": "k"}, said.Take("a-1", "k", "mix", "Ada")),
        ("take", {"airing": ""}, said.Take(None, "", "cut", "Ada")),
        ("arm", {"armed": "true"}, said.ArmAutoNext(True, "Ada")),
        ("arm", {"armed": "false"}, said.ArmAutoNext(False, "Ada")),
        ("restart", {"source": "harbour"}, said.RestartSource("harbour", "Ada")),
        ("lower-third", {"title": "Svein", "subtitle": "Keeper"}, said.LowerThird("Svein", "Keeper", "Ada")),
        ("panic", {"confirmed": "yes"}, said.Panic("Ada")),
        ("dump", {"held_ms": "1000"}, said.Dump("Ada")),
    ],
)
def test_a_form_becomes_one_request(verb: str, fields: dict[str, str], request_: said.Request) -> None:
    order = order_of(verb, fields)
    assert not isinstance(order, ReceiverOrder)
    assert order.request("Ada") == request_


def test_an_order_for_a_receiver_changes_what_is_wanted_of_it() -> None:
    wish = Wish()
    steps = (("off", Wish(False)), ("restart", Wish(False, 1)), ("restart", Wish(False, 2)), ("on", Wish(True, 2)))
    for verb, wanted in steps:
        order = order_of(f"receiver-{verb}", {"receiver": "coast-tv"})
        assert isinstance(order, ReceiverOrder)
        wish = order.change(wish)
        assert wish == wanted


@pytest.mark.parametrize("verb", ["panic", "dump"])
@pytest.mark.parametrize("fields", [{}, {"held_ms": "999"}, {"confirmed": "no"}])
def test_what_cannot_be_undone_must_be_held(verb: str, fields: dict[str, str]) -> None:
    order = order_of(verb, fields)
    assert isinstance(order, HeldOrder)
    with pytest.raises(NotHeld):
        order.check()


@pytest.mark.parametrize(
    ("verb", "fields"),
    [("fly", {}), ("arm", {}), ("arm", {"armed": "perhaps"}), ("take", {"transition": "wipe"}), ("restart", {})],
)
def test_what_makes_no_sense_is_refused(verb: str, fields: dict[str, str]) -> None:
    with pytest.raises(BadOrder):
        order_of(verb, fields)
