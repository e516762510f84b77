"""The built front end that is committed is what its sources build, to the byte."""

import subprocess
from pathlib import Path

import pytest

DIST = Path("src/allpoints/web/static/dist")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(["node", "frontend/build.mjs", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + "\nInstall the front end's tools: npm ci --prefix frontend"
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_building_again_gives_the_committed_files(built: Path) -> None:
    fresh, committed = contents(built), contents(DIST)
    assert fresh.keys() == committed.keys(), "run “npm run build --prefix frontend” and commit what changed"
    assert not [name for name in fresh if fresh[name] != committed[name] and not name.endswith(".br")]


def test_what_is_packed_is_what_lies_beside_it() -> None:
    unpack = "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(process.argv[1])))"
    for packed in DIST.glob("*.br"):
        done = subprocess.run(["node", "-e", unpack, str(packed)], capture_output=True, check=True)
        assert done.stdout == packed.with_suffix("").read_bytes(), packed


def test_the_types_of_the_front_end_hold() -> None:
    done = subprocess.run(["npm", "run", "--silent", "check", "--prefix", "frontend"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
