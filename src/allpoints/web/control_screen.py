"""The control page's regions as HTML: rendered once for each report and language, whoever looks."""

from __future__ import annotations

from collections.abc import Sequence

from allpoints.contribute.recording.state import read_state
from allpoints.kernel.text.translations import Language
from allpoints.publish.simulcast import Wish, read_report, read_wishes, shown_place
from allpoints.publish.standing import Notes, Standing
from allpoints.stage.protocol import StageReport
from allpoints.web.control_room import sentence_for_code
from allpoints.web.health.alarms import Alarm, told
from allpoints.web.reader import Reader
from allpoints.web.site import Site

REGIONS = ("program", "next", "auto", "publication", "rundown", "sources", "actions")


HEARD_SECONDS = 5.0
"""A report of the simulcast that is older comes from one that does not answer."""


class ControlScreen:
    """Renders reports. Holds the last rendering for each language, and nothing else."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rendered: dict[str, tuple[StageReport, dict[str, str]]] = {}

    def everything(self, report: StageReport | None, alarms: Sequence[Alarm], reader: Reader) -> dict[str, str]:
        """What there is to show: the alarms, and the stage's regions once it has reported."""
        alarm_list = self._site.fragment(
            "control/alarms.html", reader, words=control_words(reader.language),
            alarms=[told(alarm, reader.language) for alarm in alarms],
        )
        own = {"alarms": alarm_list, "recording": self._recording(reader)}
        if self._site.has_second_machine:
            own["standing"] = self._standing(reader)
        if self._site.gathering.receivers:
            own["receivers"] = self._receivers(reader)
        return own | self.regions(report, reader) if report else own

    def _standing(self, reader: Reader) -> str:
        """Which of two machines has the air, and the button that changes it."""
        return self._site.fragment("control/standing.html", reader, standing=Notes(self._site.folders).read(Standing))

    def _recording(self, reader: Reader) -> str:
        """What is recorded and how long the disk lasts, as the recorder itself tells."""
        return self._site.fragment(
            "control/recording.html", reader, words=recording_words(reader.language),
            recording=read_state(self._site.folders, self._site.clock.now()),
            names={source.ref: reader.text(source.name) for source in self._site.gathering.sources}
            | recording_words(reader.language),
        )

    def _receivers(self, reader: Reader) -> str:
        """The simulcast's receivers in the order of the plan, each with what is heard of it, if anything is."""
        report = read_report(self._site.folders)
        fresh = report and abs((self._site.clock.now() - report.at).total_seconds()) < HEARD_SECONDS
        states = {state.receiver: state for state in report.receivers} if report and fresh else {}
        wishes = read_wishes(self._site.folders)
        return self._site.fragment(
            "control/receivers.html", reader, words=control_words(reader.language),
            receivers=[
                (receiver, shown_place(receiver), states.get(receiver.ref),
                 wishes.get(receiver.ref, Wish()).sends_to(receiver))
                for receiver in self._site.gathering.receivers
            ],
        )

    def regions(self, report: StageReport, reader: Reader) -> dict[str, str]:
        """Region name → its HTML. Free of anything that belongs to one session."""
        known = self._rendered.get(reader.language.tag)
        if known is not None and known[0] is report:
            return known[1]
        words = control_words(reader.language)

        def why(code: str, values: dict[str, str | int | float]) -> str:
            return words.get(code) or sentence_for_code(code, values, reader.language)

        fresh = {
            region: self._site.fragment(f"control/{region}.html", reader, report=report, words=words, why=why)
            for region in REGIONS
        }
        self._rendered[reader.language.tag] = (report, fresh)
        return fresh


def recording_words(language: Language) -> dict[str, str]:
    """Tracks, their states, and why one stopped."""
    _ = language.words.gettext
    return {
        "program": _("Program"),
        "clean": _("Program without graphics"),
        "recording": _("recording"),
        "waiting": _("nothing comes in"),
        "stopped": _("not recording"),
        "disk_short": _("the disk is nearly full"),
        "disk_full": _("the disk is full"),
        "disk_failed": _("the disk failed"),
    }


def control_words(language: Language) -> dict[str, str]:
    """The states of sources and airings, the verbs of the record, and the words that the page's script needs."""
    _ = language.words.gettext
    return {
        "idle": _("idle"),
        "opening": _("opening"),
        "ready": _("ready"),
        "waiting": _("waiting for a publisher"),
        "lost": _("lost"),
        "ended": _("ended"),
        "refused": _("refused"),
        "cued": _("cued"),
        "taking": _("going on air"),
        "on_air": _("playing"),
        "leaving": _("leaving"),
        "aired": _("aired"),
        "dropped": _("dropped"),
        "file": _("file"),
        "still": _("still"),
        "rtmp": _("live (RTMP)"),
        "slate": _("slate"),
        "take": _("TAKE"),
        "cue": _("CUE"),
        "panic": _("PANIC"),
        "dump": _("DUMP"),
        "arm": _("auto-next"),
        "restart": _("restart"),
        "lower_third": _("lower third"),
        "urgent": _("Urgent:"),
        "warning": _("Warning:"),
        "director": _("director"),
        "engineer": _("engineer"),
        "producer": _("producer"),
        "live": _("live"),
        "reconnecting": _("reconnecting"),
        "stale_since": _("stale since {time}"),
        "stage_silent": _("the stage does not answer"),
        "receiver_waiting": _("waits for the program"),
        "receiver_connecting": _("being called"),
        "receiver_sending": _("takes the program"),
        "receiver_stalled": _("takes nothing; called again"),
        "receiver_refused": _("does not let us in; called again"),
        "receiver_off": _("off"),
        "seconds": _("{seconds} s"),
        "unreachable": _("The server does not answer. What is on air goes on; press again."),
    }
