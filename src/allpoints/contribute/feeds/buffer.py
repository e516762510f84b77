"""Pictures and sound of one source, waiting on its own timeline to be taken tick by tick."""

from __future__ import annotations

from collections import deque

import av

from allpoints.contribute.feeds.sound import QUIET_DB, Smoother, SoundTrack, crossfade, level_db
from allpoints.contribute.source import Moment, Sound
from allpoints.kernel.timeline import SAMPLES_PER_TICK


class TickBuffer:
    """Tick n is picture n with samples 1920·n to 1920·(n+1): the two can never slip against each other.

    ``playhead`` is the tick that is taken next. Not for several threads at once: its feed holds the lock.
    """

    def __init__(self) -> None:
        self.playhead = 0
        self.level: tuple[float, float] = (QUIET_DB, QUIET_DB)
        self.sound = SoundTrack()
        self._pictures: deque[tuple[int, av.VideoFrame]] = deque()
        self._past = 0
        self._shown: av.VideoFrame | None = None
        self._smoother = Smoother()

    @property
    def depth(self) -> int:
        """Ticks whose picture is here and not yet taken."""
        return max(0, self._past - self.playhead)

    @property
    def end(self) -> int:
        """The tick after the last one that has a picture or a sample."""
        return max(self._past, -(-self.sound.end // SAMPLES_PER_TICK))

    @property
    def past(self) -> int:
        """The tick after the last picture."""
        return self._past

    @property
    def sound_past(self) -> int:
        """The tick after the last that has all its sound."""
        return self.sound.end // SAMPLES_PER_TICK

    @property
    def sound_depth(self) -> int:
        """Whole ticks of sound that are here and not yet taken."""
        return max(0, self.sound_past - self.playhead)

    @property
    def front(self) -> av.VideoFrame | None:
        """The picture of the playhead, else the last one taken."""
        if self._pictures and (self._shown is None or self._pictures[0][0] <= self.playhead):
            return self._pictures[0][1]
        return self._shown

    def begin(self, tick: int) -> None:
        """Forget everything and start again at ``tick``; the last picture stays to be shown."""
        self._pictures.clear()
        self.sound = SoundTrack()
        self.playhead = self._past = tick

    def add_picture(self, tick: int, picture: av.VideoFrame) -> None:
        """Add the picture of ``tick``; pictures come in order, and one that is late is dropped."""
        if tick >= self._past:
            self._pictures.append((tick, picture))
            self._past = tick + 1

    def take(self, skip: int = 0) -> Moment | None:
        """The moment at the playhead, which moves on; None only before the first picture.

        ``skip`` leaves out that many ticks, the sound crossfaded over the seam.
        """
        sound, present = self.sound.read(self.playhead)
        if skip:
            self.playhead += skip
            later, present = self.sound.read(self.playhead)
            sound = crossfade(sound, later)
        self._show_picture_of(self.playhead)
        self.playhead += 1
        self.sound.forget(self.playhead - 1)  # one tick is kept: ``hold`` fades back into it
        return self._moment(self._smoother.smooth(sound, present))

    def hold(self) -> Moment | None:
        """A tick more: the last picture again, the sound bent back by a tick so that it flows on without a click."""
        coming, present = self.sound.read(self.playhead)
        before, _ = self.sound.read(self.playhead - 1)
        return self._moment(self._smoother.smooth(crossfade(coming, before), present))

    def trim(self, depth: int) -> None:
        """Drop the oldest ticks until no more than ``depth`` are left."""
        surplus = self.depth - depth
        if surplus <= 0:
            return
        self.playhead += surplus
        last, _ = self.sound.read(self.playhead - 1)
        self.level = level_db(last)
        self._show_picture_of(self.playhead - 1)
        self.sound.forget(self.playhead - 1)

    def shorten(self, depth: int) -> None:
        """Drop the newest ticks until no more than ``depth`` are left."""
        self._past = min(self._past, self.playhead + depth)
        while self._pictures and self._pictures[-1][0] >= self._past:
            self._pictures.pop()
        self.sound.cut(self.playhead + depth)

    def _show_picture_of(self, tick: int) -> None:
        while self._pictures and self._pictures[0][0] <= tick:
            self._shown = self._pictures.popleft()[1]

    def _moment(self, sound: Sound) -> Moment | None:
        self.level = level_db(sound)
        return None if self._shown is None else Moment(self._shown, sound)
