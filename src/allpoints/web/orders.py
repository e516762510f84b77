"""What the crew can order, by form or by API: each becomes one request to the stage, or one wish of a receiver."""

from __future__ import annotations

from typing import Any

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.publish.simulcast import Wish
from allpoints.stage import protocol as said

HOLD_MS = 1000


class NotHeld(AllpointsError):
    """An irreversible order whose button was let go too early."""

    code = "not_held"
    for_people = "PANIC and DUMP must be held for one second. Hold the button and try again."


class BadOrder(AllpointsError):
    """An order whose fields are missing or wrong."""

    code = "bad_order"
    for_people = "The order was not understood: {reason}. Reload the page and try again."


class CueOrder(msgspec.Struct, frozen=True):
    """Prepare an item of the rundown, or a bare source, as NEXT."""

    item: str | None = None
    source: str | None = None

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        return said.Cue(item=self.item or None, source=self.source or None, by=by)


class TakeOrder(msgspec.Struct, frozen=True):
    """Put NEXT on air. ``airing`` is the airing that the button was pressed from, ``key`` makes repeats harmless."""

    airing: str | None = None
    key: str = ""
    transition: said.Transition = "cut"

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        return said.Take(airing=self.airing or None, key=self.key, transition=self.transition, by=by)


class ArmOrder(msgspec.Struct, frozen=True):
    """Arm or disarm auto-next."""

    armed: bool

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        return said.ArmAutoNext(armed=self.armed, by=by)


class RestartOrder(msgspec.Struct, frozen=True):
    """End and reopen one source."""

    source: str

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        return said.RestartSource(source=self.source, by=by)


class LowerThirdOrder(msgspec.Struct, frozen=True):
    """Show a name over the program; an empty title clears it."""

    title: str = ""
    subtitle: str = ""

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        return said.LowerThird(title=self.title[:120], subtitle=self.subtitle[:160], by=by)


class HeldOrder(msgspec.Struct, frozen=True):
    """An irreversible order: ``held_ms`` says how long the key or button was held, at least 1000."""

    held_ms: int = 0

    def check(self) -> None:
        """Raises NotHeld."""
        if self.held_ms < HOLD_MS:
            raise NotHeld


class PanicOrder(HeldOrder, frozen=True):
    """Retreat to slate now."""

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        self.check()
        return said.Panic(by=by)


class DumpOrder(HeldOrder, frozen=True):
    """Replace everything not yet released by slate."""

    def request(self, by: str) -> said.Request:
        """The stage's word for it."""
        self.check()
        return said.Dump(by=by)


class ReceiverOrder(msgspec.Struct, frozen=True):
    """An order for the simulcast, not for the stage: it is written down, and obeyed by whoever sends."""

    receiver: str

    def change(self, wish: Wish) -> Wish:
        """What is wanted of the receiver from now on."""
        raise NotImplementedError


class ReceiverOnOrder(ReceiverOrder, frozen=True):
    """Send to a receiver."""

    def change(self, wish: Wish) -> Wish:
        """What is wanted of the receiver from now on."""
        return msgspec.structs.replace(wish, is_on=True)


class ReceiverOffOrder(ReceiverOrder, frozen=True):
    """Send to a receiver no more."""

    def change(self, wish: Wish) -> Wish:
        """What is wanted of the receiver from now on."""
        return msgspec.structs.replace(wish, is_on=False)


class ReceiverRestartOrder(ReceiverOrder, frozen=True):
    """End the connection to a receiver and call it anew, at once."""

    def change(self, wish: Wish) -> Wish:
        """What is wanted of the receiver from now on."""
        return msgspec.structs.replace(wish, restarts=wish.restarts + 1)


StageOrder = CueOrder | TakeOrder | ArmOrder | RestartOrder | LowerThirdOrder | PanicOrder | DumpOrder
Order = StageOrder | ReceiverOrder
ORDERS: dict[str, type[Order]] = {
    "cue": CueOrder, "take": TakeOrder, "arm": ArmOrder, "restart": RestartOrder, "lower-third": LowerThirdOrder,
    "panic": PanicOrder, "dump": DumpOrder, "receiver-on": ReceiverOnOrder, "receiver-off": ReceiverOffOrder,
    "receiver-restart": ReceiverRestartOrder,
}


def order_of(verb: str, fields: dict[str, Any]) -> Order:
    """An order from a form's fields. Raises BadOrder. A confirming tick stands for holding where no script runs."""
    if fields.get("confirmed") == "yes":
        fields = {**fields, "held_ms": HOLD_MS}
    try:
        return msgspec.convert(fields, ORDERS[verb], strict=False)
    except (KeyError, msgspec.ValidationError) as error:
        raise BadOrder(reason=str(error)) from None
