"""What every page is made from: the plan, the places, the words, the clock."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response

from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.text.translations import LANGUAGES, for_language
from allpoints.publish.ladder import LADDERS, Ladder
from allpoints.schedule.model import Gathering, Session
from allpoints.schedule.timetable import Moment, Timetable
from allpoints.web.assets import Assets
from allpoints.web.reader import Reader, in_other_languages, reader_of

TEMPLATES = Path(__file__).parent / "templates"
FRESH_SECONDS = 10.0
"""A playlist that did not change for so long belongs to a stream that is not there now."""
_INDENTS = re.compile(r"\n\s+")
COMING = 4
"""How many sessions are told of beforehand."""


@dataclass(frozen=True)
class Site:
    """One gathering's site."""

    settings: Settings
    folders: Folders
    gathering: Gathering
    clock: Clock
    assets: Assets

    @classmethod
    def build(cls, settings: Settings, folders: Folders, gathering: Gathering, clock: Clock) -> Site:
        """Read the assets."""
        return cls(settings, folders, gathering, clock, Assets.read())

    @cached_property
    def zone(self) -> ZoneInfo:
        """The gathering's zone."""
        return ZoneInfo(self.gathering.zone)

    @cached_property
    def timetable(self) -> Timetable:
        """The plan in order of time."""
        return Timetable.of(self.gathering)

    def moment(self) -> Moment:
        """The plan now."""
        return self.timetable.at(self.clock.now())

    def coming(self, moment: Moment) -> list[Session]:
        """The next few sessions."""
        return [session for session in self.timetable.sessions if session.starts_at > moment.at][:COMING]

    def reader(self, request: Request[Any, Any, Any]) -> Reader:
        """Whom the answer is for."""
        return reader_of(request, self.zone)

    def fragment(self, template: str, reader: Reader, **values: object) -> str:
        """A template's text in the reader's language."""
        return _templates(reader.language.tag).get_template(template).render(
            site=self, reader=reader, asset=self.assets.address, languages=[for_language(tag) for tag in LANGUAGES],
            **values,
        )

    def page(
        self, template: str, request: Request[Any, Any, Any], *, status: int = 200, private: bool = False,
        varies: str = "Accept-Language, Save-Data", **values: object,
    ) -> Response[str]:
        """A whole page. Private ones are kept by nobody, public ones asked for again each time.

        Public ones are packed where the browser takes that. Private ones never are: they hold tokens beside what a
        visitor sent, and the packed length would tell of them (BREACH).
        """
        headers = {
            "Cache-Control": "no-store" if private else "no-cache",
            "Vary": varies if private else f"Accept-Encoding, {varies}",
        }
        reader = self.reader(request)
        body = self.fragment(template, reader, path=request.url.path, addresses=in_other_languages(request), **values)
        body = _INDENTS.sub("\n", body)
        if private or "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(body, media_type=MediaType.HTML, status_code=status, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return _Packed(body, media_type=MediaType.HTML, status_code=status, headers=headers)

    @property
    def has_second_machine(self) -> bool:
        """Whether another machine may take over from this one, or this one from another."""
        return bool(self.settings.peer or self.settings.standby_of)

    @property
    def has_low_latency(self) -> bool:
        """Whether Low-Latency HLS is published."""
        return (self.folders.public / "master-ll.m3u8").exists()

    @property
    def is_released_now(self) -> bool:
        """Whether the stream moves: some playlist changed a moment ago. One of the future is of a clock set back."""
        now = SystemClock().now().timestamp()  # files are dated by the machine's own clock
        playlists = self.folders.public.glob("*/index.m3u8")
        return any(abs(path.stat().st_mtime - now) < FRESH_SECONDS for path in playlists)

    @property
    def released_until(self) -> datetime | None:
        """When something was released last; None where nothing ever was."""
        times = [path.stat().st_mtime for path in self.folders.public.glob("*/index.m3u8")]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    @property
    def audio_renditions(self) -> list[str]:
        """The names of the renditions that are sound alone, the fullest first: those that are released or, before
        anything is, those that will be."""
        names = [rung.name for rung in self._ladder.audio]
        return [name for name in names if (self.folders.public / name / "index.m3u8").exists()] or names

    @property
    def heights(self) -> list[int]:
        """The heights of the pictures that are made, the largest first."""
        return [rung.height for rung in self._ladder.video]

    @property
    def _ladder(self) -> Ladder:
        return LADDERS[self.settings.ladder]


class _Packed(Response[str]):
    """Text that is sent as gzip."""

    def render(self, content: Any, media_type: str, *args: Any) -> bytes:
        """The text's bytes, packed."""
        return gzip.compress(super().render(content, media_type, *args), 6, mtime=0)


@cache
def _templates(tag: str) -> Environment:
    """The templates in a language; a catalogue is read when somebody first asks for it."""
    language = for_language(tag)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.words.gettext, language.words.ngettext, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}  # a third of a Persian watch page was escapes
    return environment
