"""The owner of all FFmpeg children: one long-lived thread starts, hears and buries them."""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import queue
import resource
import selectors
import subprocess
import termios
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import imageio_ffmpeg

from allpoints.contribute.demux import Piece, read_nut
from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import is_stopped, life_of, start_child
from allpoints.kernel.watchdog import is_hung

MEMORY_LIMIT = 6 << 30
"""Address space of one child; a hostile file must not take the machine's memory."""

STUCK_AFTER = 1.0
"""Seconds without output, while more is wanted, after which a child that sleeps is taken to be stuck."""

OPENING_LIMIT = 15.0
"""The same until its first output: it may have to decode its way from a far key picture."""

LOOK_EVERY = 0.2
ENDING_LIMIT = 0.5

_PIPE_SIZE = 1 << 20
_MOST_LOG = 300


class Child:
    """One running FFmpeg. ``output`` is the descriptor of its standard output; whoever reads it closes it."""

    def __init__(self, popen: subprocess.Popen[bytes], clock: Clock, stdin: int | None) -> None:
        assert popen.stdout is not None
        self.output = os.dup(popen.stdout.fileno())
        try:
            self._input = None if stdin is None else os.dup(stdin)
        except OSError:
            os.close(self.output)
            raise
        popen.stdout.close()
        self.log = ""
        self._popen = popen
        self._clock = clock
        self._exit_code: Future[int] = Future()
        self._wanted_at: float | None = None
        self._unread_at: float | None = None
        self._has_begun = self._was_stopped = False

    def pieces(self) -> Iterator[Piece]:
        """What it sends, to its end. While the caller waits here and nothing comes, the child is watched."""
        self._wanted_at = self._clock.monotonic()
        for piece in read_nut(self.output):
            self._wanted_at, self._has_begun = None, True
            yield piece
            self._wanted_at = self._clock.monotonic()
        self._wanted_at = None

    def end(self) -> None:
        """Kill it; returns at once. Harmless when it is dead already."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()

    def exit_code(self) -> int:
        """How it ended, once its output has: waits a moment for it, then kills it."""
        with contextlib.suppress(TimeoutError):
            return self._exit_code.result(ENDING_LIMIT)
        self.end()
        return self._exit_code.result(10.0)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def _is_stuck(self) -> bool:
        """Whether it was stopped, or gives nothing though more is wanted and there is something to give."""
        now, was_stopped = self._clock.monotonic(), self._was_stopped
        self._was_stopped = is_stopped(self.pid)
        if self._was_stopped:
            return was_stopped
        if self._input is not None:  # a publisher that sends nothing is no fault of the child
            unread = array.array("i", [0])
            fcntl.ioctl(self._input, termios.FIONREAD, unread)
            self._unread_at = (self._unread_at or now) if unread[0] else None
            if self._unread_at is None or now - self._unread_at < STUCK_AFTER:
                return False
        wanted_at = self._wanted_at
        if wanted_at is None or now - wanted_at < STUCK_AFTER:
            return False
        return is_hung(
            now - wanted_at, life_of(self.pid), limit=STUCK_AFTER, start_limit=OPENING_LIMIT,
            is_ready=self._has_begun,
        )

    def _bury(self) -> None:
        self._exit_code.set_result(self._popen.wait())
        if self._input is not None:
            os.close(self._input)


_Wanted = tuple[Sequence[str], int | None, Future[Child]]


class Children:
    """Starts FFmpeg children from a thread that lives as long as the process, so that they die with it.

    The same thread ends those that are stuck; what they were for starts another.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wanted: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="children", daemon=True)
        self._wake = -1
        self._door = threading.Lock()  # whoever comes in while it closes is told so, and not left waiting

    def start(self) -> None:
        """Start the owning thread."""
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread.start()

    def close(self) -> None:
        """Kill all children and end the thread."""
        self._enter(None)
        self._thread.join(5.0)

    def run(self, arguments: Sequence[str], stdin: int | None = None) -> Child:
        """Start FFmpeg with ``arguments``; the caller keeps its own copy of ``stdin``. Blocks for some milliseconds.

        Raises OSError when the machine has no process or memory left, and RuntimeError when closed.
        """
        wish: Future[Child] = Future()
        self._enter((arguments, stdin, wish))
        return wish.result(10.0)

    def _enter(self, wanted: _Wanted | None) -> None:
        with self._door:
            if self._wake < 0:
                raise RuntimeError("the children's owner is closing")
            self._wanted.put(wanted)
            os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        alive: dict[int, Child] = {}
        looked_at = float("-inf")
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            closing = False
            while not closing:
                for key, _ in selector.select(LOOK_EVERY if alive else None):
                    if key.fd == self._wake:
                        with contextlib.suppress(BlockingIOError):
                            os.eventfd_read(self._wake)
                        closing = self._start_wanted(selector, alive)
                    else:
                        self._attend(selector, alive, key)
                if alive and self._clock.monotonic() - looked_at >= LOOK_EVERY:
                    looked_at = self._clock.monotonic()
                    for child in alive.values():
                        if child._is_stuck():
                            child.log = "it was stuck and has been ended"
                            child.end()
            for child in alive.values():
                child.end()
                child._bury()
            with self._door:
                self._wake = -1
                for key in list(selector.get_map().values()):
                    self._forget(selector, key)
        while not self._wanted.empty():
            if wanted := self._wanted.get_nowait():
                wanted[2].set_exception(RuntimeError("the children's owner is closing"))

    @staticmethod
    def _forget(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        selector.unregister(key.fileobj)
        if isinstance(key.fileobj, int):
            os.close(key.fileobj)
        else:
            key.fileobj.close()  # type: ignore[attr-defined]

    def _start_wanted(self, selector: selectors.BaseSelector, alive: dict[int, Child]) -> bool:
        while True:
            try:
                wanted = self._wanted.get_nowait()
            except queue.Empty:
                return False
            if wanted is None:
                return True
            arguments, stdin, wish = wanted
            try:
                child, death = self._start(arguments, stdin)
            except OSError as error:
                wish.set_exception(error)
                continue
            alive[child.pid] = child
            assert child._popen.stderr is not None
            selector.register(child._popen.stderr, selectors.EVENT_READ, child)
            selector.register(death, selectors.EVENT_READ, child)
            wish.set_result(child)

    def _start(self, arguments: Sequence[str], stdin: int | None) -> tuple[Child, int]:
        """A child, and the descriptor that tells of its death. Raises OSError, and then leaves nothing behind."""
        popen = start_child(
            [imageio_ffmpeg.get_ffmpeg_exe(), *arguments],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(popen.pid, resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        assert popen.stdout is not None
        assert popen.stderr is not None
        with contextlib.suppress(OSError):  # beyond the user's pipe quota the small pipe must do
            fcntl.fcntl(popen.stdout, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        os.set_blocking(popen.stderr.fileno(), False)
        with contextlib.ExitStack() as undo:
            undo.callback(popen.wait)
            undo.callback(popen.kill)
            undo.callback(popen.stdout.close)
            undo.callback(popen.stderr.close)
            death = os.pidfd_open(popen.pid)
            undo.callback(os.close, death)
            child = Child(popen, self._clock, stdin)
            undo.pop_all()
        return child, death

    def _attend(self, selector: selectors.BaseSelector, alive: dict[int, Child], key: selectors.SelectorKey) -> None:
        """A child said something on its standard error, or died."""
        child: Child = key.data
        stderr = child._popen.stderr
        assert stderr is not None
        if key.fileobj is stderr:
            with contextlib.suppress(BlockingIOError):
                said = os.read(stderr.fileno(), 1 << 16)
                lines = said.decode("utf-8", "replace").strip().splitlines()
                if lines:
                    child.log = lines[-1][:_MOST_LOG]
                elif not said:
                    self._forget(selector, key)
            return
        self._forget(selector, key)
        child._bury()
        alive.pop(child.pid, None)
