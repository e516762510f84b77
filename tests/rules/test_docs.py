"""Rules that the docs keep: what they name exists, what is generated is fresh, every page can be found."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest
from tests.rules.project import Project

from allpoints.app.command_line import main
from allpoints.app.reference import alarms_page, commands_page, settings_page

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(project: Project, page: Path) -> list[tuple[Path, str]]:
    """Every link of a page within the project: the file it leads to, and the anchor."""
    found = []
    for target in LINK.findall(prose(page.read_text())):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, anchor = target.partition("#")
            found.append(((page.parent / path).resolve() if path else page, anchor))
    return found


def test_every_link_leads_somewhere(project: Project) -> None:
    files = set(project.files)
    broken = [
        f"{project.name(page)} → {target}#{anchor}"
        for page in project.pages
        for target, anchor in links(project, page)
        if not (target in files or target.is_dir()) or (anchor and anchor not in anchors(target.read_text()))
    ]
    assert not broken


def test_every_page_is_reached_from_the_readme(project: Project) -> None:
    waiting, reached = [project.root / "README.md"], set()
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target for target, _ in links(project, page) if target.is_file()]
    assert not [project.name(page) for page in project.pages if page not in reached]


@pytest.mark.parametrize(("name", "fresh"), [
    ("settings.md", settings_page()), ("commands.md", commands_page()), ("alarms.md", alarms_page()),
])
def test_generated_pages_are_fresh(project: Project, name: str, fresh: str) -> None:
    assert (project.root / "docs/reference" / name).read_text() == fresh, "run `make reference`"


def test_the_page_of_tests_tells_every_kind(project: Project, pytestconfig: pytest.Config) -> None:
    page = (project.root / "docs/reference/tests.md").read_text()
    kinds = {line.partition(":")[0]: line.partition(": ")[2] for line in pytestconfig.getini("markers")}
    folders = {path.relative_to(project.root / "tests").parts[0] for path in project.beneath("tests", ".py")
               if path.name.startswith("test_")}
    assert folders <= set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert not [kind for kind in re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) if kinds[kind] not in page]


def names_in_code(project: Project) -> set[str]:
    names = set()
    for tree in project.modules.values():
        for node in ast.walk(tree):
            match node:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    names.add(name)
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    names.add(name)
    return names


def test_the_words_of_the_glossary_are_in_the_code(project: Project) -> None:
    glossary = (project.root / "docs/glossary.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \|", glossary, re.MULTILINE)
    words = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert len(words) > 25
    assert not words - names_in_code(project)


def shell_lines(text: str) -> list[str]:
    blocks = [block for language, block in FENCE.findall(text) if language == "sh"]
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_commands_that_docs_show_exist(project: Project) -> None:
    targets = set(re.findall(r"^([\w-]+):", (project.root / "Makefile").read_text(), re.MULTILINE))
    for page in project.pages:
        for line in shell_lines(page.read_text()):
            words = shlex.split(line, comments=True)
            if words and words[0] == "make":
                assert {word for word in words[1:] if "=" not in word} <= targets, f"{page}: {line}"
            if words and words[0] == "allpoints":
                parse(words[1:])


def parse(words: list[str]) -> None:
    """Parse a command as it would be at the terminal, without running it. Raises click's usage errors."""
    context = click.Context(main, info_name="allpoints")
    name, command, rest = main.resolve_command(context, words)
    assert name is not None
    assert command is not None
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("wrong", [["sing"], ["serve", "--louder"], ["convert", "/no/such/file"]])
def test_a_command_that_does_not_exist_is_seen(wrong: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parse(wrong)


def test_commands_and_options_that_sentences_name_exist(project: Project) -> None:
    """What errors and pages tell people to run or to change."""
    commands = set(main.commands)
    options = {opt for command in main.commands.values() for p in command.params for opt in p.opts}
    for path, tree in project.modules.items():
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        for text in texts:
            assert set(re.findall(r"[“`]allpoints ([a-z][\w-]*)", text)) <= commands, f"{path}: {text}"
            if "for_people" in path.read_text() and " with --" in text:
                assert set(re.findall(r" with (--[a-z-]+)", text)) <= options, f"{path}: {text}"
