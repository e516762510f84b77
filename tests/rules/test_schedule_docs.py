"""The pages about planning say what the code does."""

from __future__ import annotations

import re
import textwrap
from importlib import import_module
from pathlib import Path

from tests.rules.project import Project
from tests.stand_ins.plans import SMALL_FILE

from allpoints.schedule.gathering_file.reading import read_gathering
from allpoints.schedule.gathering_file.reference import gathering_reference


def test_the_reference_of_the_gathering_file_is_up_to_date(project: Project) -> None:
    page = project.root / "docs" / "reference" / "gathering-toml.md"
    assert page.read_text() == gathering_reference(), "write gathering_reference() to this page"


def test_the_gathering_of_the_how_to_can_be_held(project: Project) -> None:
    page = (project.root / "docs" / "how-to" / "plan-a-gathering.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    plan = textwrap.dedent(block)
    reading = read_gathering(plan.encode(), Path("/"))
    assert reading.gathering
    assert [problem.code for problem in reading.problems] == ["missing_file"]
    (told,) = re.findall(r"^ *(line \d+: .*)$", page, re.MULTILINE)
    broken = plan.replace('ends = "19:30"', 'ends = "17:30"')
    assert told in [str(problem) for problem in read_gathering(broken.encode(), Path("/")).problems]


def test_the_lines_of_the_how_to_about_the_trace_are_good(project: Project) -> None:
    page = (project.root / "docs" / "how-to" / "low-trace.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    reading = read_gathering(SMALL_FILE.replace(SMALL_FILE[SMALL_FILE.index("[trace]"):], block).encode(), Path("/"))
    assert not reading.problems
    assert reading.gathering
    assert reading.gathering.trace.low


def test_the_room_hands_on_what_its_page_names(project: Project) -> None:
    page = (project.root / "docs" / "rooms" / "schedule.md").read_text()
    rows = re.findall(r"^\| (`.*?`) \| `(\w+)` \|", page, re.MULTILINE)
    named = [(name, module) for names, module in rows for name in re.findall(r"`(\w+)`", names)]
    assert len(named) > 5
    for name, module in named:
        assert hasattr(import_module(f"allpoints.schedule.{module}"), name)
