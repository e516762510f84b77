"""Over a line of 64 kb/s that loses packets, and over one of 24 kb/s, people soon read and hear. The long form is
bench/links.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench.links import CASES
from tests.stand_ins.front import tls_front
from tests.stand_ins.link_visit import visit
from tests.stand_ins.live_site import live_site, wait_for
from tests.stand_ins.shaped_line import shaped_line

pytestmark = pytest.mark.alone

TRIES = 3
"""A busy machine only adds to a time, and which packets are lost is luck: what holds once, holds."""


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("weak")
    with live_site(folder / "live") as live, tls_front(folder / "front", f"127.0.0.1:{live.port}") as port:
        wait_for(live.is_lasting, 90)
        yield port


@pytest.mark.parametrize(("code", "plays"), [("a", 10.0), ("b", 2.0)])
def test_text_and_sound_come_soon_and_sound_goes_on(front: int, code: str, plays: float) -> None:
    case = CASES[code]
    late: list[str] = []
    for seed in range(TRIES):
        with shaped_line(case.line, front, seed=seed) as line:
            seen = visit(case.path, line, plays=plays, patience=1.5 * case.limits["sound"])
        took = {name: getattr(seen, name) for name in case.limits}
        print(f"{case.name}: {took}, {seen.bytes_until(seen.sound)} bytes until then, {seen.rung}, {seen.stalls}")
        late = [name for name, limit in case.limits.items() if took[name] is None or took[name] > limit]
        if not late and not seen.stalls:
            return
    pytest.fail(f"late: {late}, stalls: {seen.stalls}")
