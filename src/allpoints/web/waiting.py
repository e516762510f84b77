"""Waiting until something is published: one poller for everybody, and none when nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

POLL_SECONDS = 0.015


@dataclass
class _Question:
    """One thing that is waited for, by however many."""

    is_answered: Callable[[], bool]
    waiters: set[asyncio.Future[None]] = field(default_factory=set)


class WaitingRoom:
    """Wakes thousands of waiters at the price of one look at each distinct file every 15 ms."""

    def __init__(self) -> None:
        self._questions: dict[str, _Question] = {}
        self._poller: asyncio.Task[None] | None = None

    async def wait(self, key: str, is_answered: Callable[[], bool], seconds: float) -> bool:
        """Until ``is_answered()`` is true; False when it is not after ``seconds``.

        Waiters that name the same ``key`` share one question: the key must say all that the question depends on.
        """
        if is_answered():
            return True
        question = self._questions.setdefault(key, _Question(is_answered))
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        question.waiters.add(waiter)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return False
        finally:
            question.waiters.discard(waiter)
        return True

    async def _poll(self) -> None:
        while self._questions:
            for key, question in list(self._questions.items()):
                if not question.waiters:
                    del self._questions[key]
                elif question.is_answered():
                    del self._questions[key]
                    for waiter in question.waiters:
                        if not waiter.done():
                            waiter.set_result(None)
            await asyncio.sleep(POLL_SECONDS)
