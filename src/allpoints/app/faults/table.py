"""The table of faults: what can be broken, how, what people will see of it, and what must hold."""

from __future__ import annotations

from allpoints.app.faults.fault import Fault, Limits
from allpoints.app.faults.garbage import Garbled
from allpoints.app.faults.house import ON_AIR_CHILD, SPEAKER
from allpoints.app.faults.shortage import Filled, Starved, Stepped, UsedUp
from allpoints.app.faults.signals import Hung, Killed

_ = str  # marks what catalogues translate

HANG = 5.0
"""Seconds that a hung process stays so, if nobody ends it sooner."""

SHORT = 3.0
"""Seconds that a shortage or a wrong clock lasts."""

NEW_PART = 3.5
"""Seconds from a dead stage to the first new part: `docs/reference/tests.md` says where it is shown."""

_STAGE = Limits(hole=2, stall=4.0, new_part=NEW_PART)
_HUNG_STAGE = Limits(hole=5, stall=10.0, new_part=12.0)

FAULTS: tuple[Fault, ...] = (
    Fault(
        "kill-stage", "processes", _("Kill the stage"),
        _("The picture jumps over two to four seconds that were never made. The page needs no reload."),
        _("the stage was killed"), Killed("stage"), limits=_STAGE,
    ),
    Fault(
        "hang-stage", "processes", _("Hang the stage"),
        _("The picture stands still until the watchdog ends the stage and starts another; then it goes on."),
        _("the stage was stopped in the middle of its work"), Hung("stage"), lasts=HANG * 2,
        limits=_HUNG_STAGE, undone=_("the old stage was woken, if it was still there"),
    ),
    Fault(
        "starve-stage", "processes", _("Starve the stage of memory"),
        _("Mostly nothing: the stage has the memory it needs. Should it fail, another takes its place."),
        _("the stage gets no more memory"), Starved("stage"), lasts=HANG, limits=_HUNG_STAGE,
        undone=_("the stage gets memory again"),
    ),
    Fault(
        "kill-web", "processes", _("Kill the web"),
        _("Nothing, or a blink: the player has enough to go on until the web is back in a second or two."),
        _("the web was killed"), Killed("web"), limits=Limits(back=15.0),
    ),
    Fault(
        "hang-web", "processes", _("Hang the web"),
        _("Nothing at first. If it lasts longer than what the player holds, the picture stops and then goes on."),
        _("the web was stopped in the middle of its work"), Hung("web"), lasts=HANG, limits=Limits(stall=10.0),
        undone=_("the old web was woken, if it was still there"),
    ),
    Fault(
        "kill-ingest", "processes", _("Kill the ingest"),
        _("If the harbour is on air: slate for some seconds, then the harbour again by itself."),
        _("the ingest was killed"), Killed("ingest"), on_air="speaker",
    ),
    Fault(
        "hang-ingest", "processes", _("Hang the ingest"),
        _("If the harbour is on air: slate until the ingest goes on or is replaced, then the harbour again."),
        _("the ingest was stopped in the middle of its work"), Hung("ingest"), lasts=HANG, on_air="speaker",
        undone=_("the old ingest was woken, if it was still there"),
    ),
    Fault(
        "kill-recorder", "processes", _("Kill the recorder"),
        _("Nothing. The recording has a gap that is written down, and goes on."),
        _("the recorder was killed"), Killed("recorder"),
    ),
    Fault(
        "kill-simulcast", "processes", _("Kill the simulcast"),
        _("Nothing here. Other platforms lose the program for some seconds."),
        _("the simulcast was killed"), Killed("simulcast"),
    ),
    Fault(
        "kill-supervisor", "processes", _("Kill the supervisor"),
        _("All processes end with it. Whoever looks after it starts it again, and the picture comes back by itself."),
        _("the supervisor was killed, and all processes with it"), Killed("supervisor"),
        limits=Limits(hole=10, stall=16.0, new_part=20.0),
    ),
    Fault(
        "kill-source", "sources", _("Kill the decoder of what is on air"),
        _("Nothing, or slate for a moment: another decoder goes on where the film would be."),
        _("the decoder of what is on air was killed"), Killed(ON_AIR_CHILD), on_air="file",
    ),
    Fault(
        "hang-source", "sources", _("Hang the decoder of what is on air"),
        _("The last picture stands for a moment, then perhaps slate, until another decoder takes over."),
        _("the decoder of what is on air was stopped"), Hung(ON_AIR_CHILD), lasts=HANG, on_air="file",
        undone=_("the decoder was woken, if it was still there"),
    ),
    Fault(
        "cut-speaker", "sources", _("Cut the speaker off"),
        _("The harbour goes on air, then its encoder dies: slate for a second or two, and the harbour again."),
        _("the speaker’s encoder was killed"), Killed(SPEAKER), on_air="speaker",
    ),
    Fault(
        "freeze-speaker", "sources", _("Freeze the speaker"),
        _("The harbour goes on air, then nothing more comes from it: slate within half a second, until it goes on."),
        _("the speaker’s encoder was frozen"), Hung(SPEAKER), lasts=HANG, on_air="speaker",
        undone=_("the speaker’s encoder thawed"),
    ),
    Fault(
        "garble-speaker", "sources", _("Garbage from the speaker"),
        _("The harbour goes on air, then sends garbage: damaged pictures or slate, then the harbour again."),
        _("the speaker sends garbage"), Garbled(), lasts=HANG, on_air="speaker",
        undone=_("the speaker sends good pictures again"),
    ),
    Fault(
        "fill-disk", "machine", _("Fill the disk"),
        _("Nothing: the live pictures do not need the disk. The recording stops, says so, and goes on later."),
        _("the disk was filled to the last byte"), Filled("recordings"), lasts=SHORT + 1,
        undone=_("the disk has room again"),
    ),
    Fault(
        "fill-memory", "machine", _("Fill the memory that holds the live pictures"),
        _("The picture stops once the player has shown what it holds, and goes on when there is room again."),
        _("the memory folder was filled to the last byte"), Filled("memory"), lasts=SHORT,
        limits=Limits(hole=6, stall=12.0), undone=_("the memory folder has room again"),
    ),
    Fault(
        "clock-forward", "machine", _("Step the clock an hour forward"),
        _("Nothing: what is on air does not go by the wall clock."),
        _("the clock was set an hour forward"), Stepped(3600), lasts=SHORT, undone=_("the clock was set right"),
    ),
    Fault(
        "clock-back", "machine", _("Step the clock an hour back"),
        _("Nothing: numbers never go back, and no name is ever used twice."),
        _("the clock was set an hour back"), Stepped(-3600), lasts=SHORT, undone=_("the clock was set right"),
    ),
    Fault(
        "use-up-descriptors", "machine", _("Use up the web’s descriptors"),
        _("Nothing or a short stall: new callers are turned away until there are descriptors again."),
        _("the web has no descriptors left"), UsedUp("web"), lasts=SHORT, limits=Limits(stall=10.0),
        undone=_("the web has descriptors again"),
    ),
)


def fault_of(code: str) -> Fault | None:
    """The fault of that code."""
    return next((fault for fault in FAULTS if fault.code == code), None)
