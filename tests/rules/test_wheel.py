"""The wheel and the sdist: what git has and nothing else; the wheel runs where there is neither git nor Node."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from tests.rules.project import Project

from allpoints import __version__
from allpoints.app.commit import commit_of

BAKED = "allpoints/app/commit.txt"
SOME_DAY = "1893456000"


def build(target: str, root: Path, folder: Path) -> Path:
    """The wheel or the sdist of what lies at ``root``, by the hatchling that is installed: nothing is fetched."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=root, env=os.environ | {"SOURCE_DATE_EPOCH": SOME_DAY}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", project.root, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", project.root, tmp_path_factory.mktemp("sdist"))


@pytest.fixture
def source(sdist: Path, tmp_path: Path) -> Path:
    """The sdist, unpacked: no repository."""
    subprocess.run(["tar", "-xf", str(sdist), "-C", str(tmp_path)], check=True)
    (folder,) = tmp_path.iterdir()
    return folder


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installer puts into site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def git(project: Project, *words: str) -> set[str]:
    done = subprocess.run(["git", *words], cwd=project.root, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_the_package_as_git_has_it_and_nothing_else(project: Project, wheel: Path) -> None:
    source = project.root / "src"
    package = {path.relative_to(source).as_posix() for path in project.files if path.is_relative_to(source)}
    assert names_in(wheel) == package | {BAKED}
    assert "allpoints/web/static/dist/watch.js" in package


def test_the_sdist_holds_all_that_git_has_and_nothing_else(project: Project, sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()} - {"PKG-INFO", f"src/{BAKED}"}
    assert not names - {project.name(path) for path in project.files}
    assert not {name for name in git(project, "ls-files") - names if (project.root / name).exists()}


def test_the_wheel_tells_its_version_and_its_licence(unpacked: Path) -> None:
    (folder,) = unpacked.glob("*.dist-info")
    metadata = PathDistribution(folder).metadata
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "AGPL-3.0-or-later"
    assert (folder / "licenses" / "LICENSE").read_text() == Path("LICENSE").read_text()


def test_building_again_gives_the_same_bytes_and_leaves_the_checkout_as_it_was(
    project: Project, wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    before = git(project, "status", "--porcelain")
    assert build("wheel", project.root, tmp_path / "wheel").read_bytes() == wheel.read_bytes()
    assert build("sdist", project.root, tmp_path / "sdist").read_bytes() == sdist.read_bytes()
    assert git(project, "status", "--porcelain") == before


def test_the_sdist_builds_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    assert build("wheel", source, tmp_path / "built").read_bytes() == wheel.read_bytes()


def test_without_a_repository_and_without_an_sdist_no_commit_is_named(source: Path, tmp_path: Path) -> None:
    (source / "src" / BAKED).unlink()
    assert BAKED not in names_in(build("wheel", source, tmp_path / "built"))


def test_it_runs_without_git_and_node_and_names_its_commit(project: Project, unpacked: Path, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "allpoints", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PATH": str(tmp_path), "PYTHONPATH": str(unpacked), "LANG": "C.UTF-8"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("--version") == f"allpoints {__version__} ({commit_of(project.root)})\n"
    run("init")
    assert run("check") == "gathering.toml is good.\n"
