"""Rules that the code keeps: who imports whom, who reads a clock, how large a module may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.project import Project

ROOMS = ("kernel", "schedule", "staff", "contribute", "stage", "publish", "web", "app")
"""In the order of the flow: a room imports only what stands before it."""

LARGEST_MODULE = 350
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
SECRETS = {"password", "passphrase", "secret", "stream_key", "token", "api_key"}


def imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    """The full names of what a module imports, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            prefix = ".".join(part for part in (base, node.module) if part)
            yield prefix
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def rooms_imported(project: Project, path: Path) -> set[str]:
    package = path.relative_to(project.root / "src").parent.parts
    parts = [name.split(".") for name in imported(project.modules[path], package)]
    return {part[1] for part in parts if part[0] == "allpoints" and len(part) > 1} & set(ROOMS)


def room_of(project: Project, path: Path) -> str | None:
    parts = path.relative_to(project.root / "src" / "allpoints").parts
    return parts[0] if len(parts) > 1 else None


def test_the_order_names_every_room(project: Project) -> None:
    assert {room_of(project, path) for path in project.modules} - {None} == set(ROOMS)


def test_a_room_imports_only_rooms_upstream(project: Project) -> None:
    wrong = [
        f"{project.name(path)} imports {other}"
        for path in project.modules
        if (room := room_of(project, path)) is not None
        for other in rooms_imported(project, path)
        if other != room and (ROOMS.index(other) > ROOMS.index(room) or room == "kernel")
    ]
    assert not wrong


def test_relative_imports_are_seen_through() -> None:
    tree = ast.parse("from ..web import pages\nfrom . import tap\nimport allpoints.app")
    assert {"allpoints.web", "allpoints.stage.tap", "allpoints.app"} <= set(imported(tree, ("allpoints", "stage")))


def clock_readings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name == "time")
        elif isinstance(node, ast.ImportFrom) and node.module == "time" and not node.level:
            yield "time"
        elif isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            owner = ast.unparse(node.value).split(".")[-1]
            if owner in ("datetime", "date"):
                yield f"{owner}.{node.attr}"


def test_only_the_clock_reads_a_clock(project: Project) -> None:
    wrong = [
        f"{project.name(path)}: {reading}"
        for path, tree in project.modules.items()
        if project.name(path) != "src/allpoints/kernel/clock.py"
        for reading in clock_readings(tree)
    ]
    assert not wrong


def test_every_way_to_read_a_clock_is_known() -> None:
    ways = ["import time", "from time import monotonic", "datetime.now()", "dt.datetime.utcnow()", "date.today()"]
    assert all(list(clock_readings(ast.parse(way))) for way in ways)


def test_modules_stay_small_and_are_named_for_one_thing(project: Project) -> None:
    code = [path for path in project.files if path.suffix in (".py", ".ts")]
    long = {project.name(path): n for path in code if (n := len(path.read_text().splitlines())) > LARGEST_MODULE}
    assert not long
    assert not [project.name(path) for path in code if NAMES_THAT_SAY_NOTHING & {path.stem, *path.parts}]


def test_every_module_says_what_it_is(project: Project) -> None:
    assert not [project.name(path) for path, tree in project.modules.items() if not ast.get_docstring(tree)]


def secrets_written_down(tree: ast.Module) -> Iterator[str]:
    def is_text(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)

    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in SECRETS and is_text(node.value):
            yield str(node.arg)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and is_text(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (t.id for t in targets if isinstance(t, ast.Name) and t.id in SECRETS)
        elif isinstance(node, ast.arguments):
            plain = [*node.posonlyargs, *node.args]
            pairs = [*zip(plain[len(plain) - len(node.defaults):], node.defaults, strict=True),
                     *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            yield from (argument.arg for argument, default in pairs if argument.arg in SECRETS and is_text(default))


def test_there_is_no_default_password(project: Project) -> None:
    wrong = [f"{project.name(path)}: {name}" for path, tree in project.modules.items()
             for name in secrets_written_down(tree)]
    assert not wrong


def test_a_default_password_would_be_seen() -> None:
    ways = ["def f(user, password='x'): ...", "f(secret='x')", "password = 'x'", "def f(*, token='x'): ..."]
    assert all(list(secrets_written_down(ast.parse(way))) for way in ways)
    assert not list(secrets_written_down(ast.parse("f(token='')")))


def test_unit_tests_use_fakes_and_not_mocks(project: Project) -> None:
    assert not [project.name(path) for path in project.beneath("tests/unit", ".py")
                if re.search(r"unittest\.mock|\bMagicMock\b", path.read_text())]
