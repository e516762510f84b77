"""The program bus accepts only infallible sources: the type checker refuses a feed that nobody guards."""

from pathlib import Path

from mypy import api

SNIPPET = """
from allpoints.contribute.source import Feed
from allpoints.stage.bus import ProgramBus
from allpoints.stage.infallible import Guarded, Slate

def on_air(bus: ProgramBus, feed: Feed, slate: Slate) -> None:
    bus.take({source}, "name", "cut")
"""


def check(tmp_path: Path, source: str) -> tuple[str, int]:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET.format(source=source))
    output, _, status = api.run([str(snippet), "--config-file", "pyproject.toml"])
    return output, status


def test_a_bare_feed_is_refused(tmp_path: Path) -> None:
    output, status = check(tmp_path, "feed")
    assert status == 1
    assert 'expected "InfallibleSource"' in output


def test_slate_and_a_guarded_feed_are_accepted(tmp_path: Path) -> None:
    for source in ("slate", "Guarded(feed, slate.picture, 0.25)"):
        output, status = check(tmp_path, source)
        assert status == 0, output
