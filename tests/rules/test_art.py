"""Rules that the drawings of empty, error and off-air states keep: light, without words, and each is used."""

from __future__ import annotations

import gzip
import re
from xml.etree import ElementTree

from tests.rules.project import Project

LARGEST = 2 * 1024


def test_a_drawing_is_light_and_says_nothing(project: Project) -> None:
    drawings = project.beneath("src/allpoints/web/static/art", ".svg")
    assert len(drawings) >= 5
    for drawing in drawings:
        kinds = {element.tag.partition("}")[2] for element in ElementTree.fromstring(drawing.read_text()).iter()}
        assert not kinds & {"text", "title", "script", "style", "image", "use"}, drawing
        assert len(drawing.read_bytes()) <= LARGEST, drawing
        assert len(gzip.compress(drawing.read_bytes(), 9)) <= LARGEST // 2, drawing


def test_every_drawing_is_used(project: Project) -> None:
    sources = [*project.beneath("src/allpoints/web/templates", ".html"), *project.beneath("frontend/styles", ".css")]
    text = "".join(path.read_text() for path in sources)
    used = set(re.findall(r"/static/art/(\w+)\.svg", text))
    for said in re.findall(r"{{ art\(([^)]*)\) }}", text):
        used |= set(re.findall(r'"(\w+)"', said))
    assert used == {path.stem for path in project.beneath("src/allpoints/web/static/art", ".svg")}
