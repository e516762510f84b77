"""From nothing to pictures: a debootstrap chroot with python3, make, git and ca-certificates, a clone, `make run`.

With ``--wheel`` there is neither make nor git, and pip installs what `make wheel` made, without the lock. Needs root,
debootstrap and Chromium, and takes the Debian mirror from the machine's own apt. Chromium runs outside
of the chroot, which shares the network. Kept under docs/proof/bare.json and docs/proof/bare-wheel.json.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.listener import watch_and_listen
from bench.proofs import keep


@dataclass(frozen=True)
class Way:
    """From a machine with ``packages`` to the demo; ``begin`` makes the folder ``allpoints`` for what follows."""

    proof: str
    packages: str
    begin: str
    install: str
    run: str


CLONE = Way(
    "bare", "python3,make,git,ca-certificates", "git clone -q /srv/allpoints.git", "make .venv/run.stamp", "make run",
)
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -q /srv/allpoints-*.whl"
WHEEL = Way(
    "bare-wheel", "python3-venv,ca-certificates", "mkdir allpoints",
    INSTALL, f"{INSTALL} && .venv/bin/allpoints demo",
)

WITHIN = 90.0
WAITED = 240.0
ALLPOINTS_RUNS = "Watch "

# What a chroot needs of the machine around it to reach the same registries, and nothing else.
BORROWED = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
PASSED_ON = re.compile(r".*_proxy|PIP_(CERT|INDEX_URL|DEFAULT_TIMEOUT)|SSL_CERT_FILE|UV_DEFAULT_INDEX", re.IGNORECASE)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wheel", dest="way", action="store_const", const=WHEEL, default=CLONE,
                         help="install the wheel, where there is neither make nor git")
    options.add_argument("--install-only", action="store_true", help="stop where the demo would start")
    options.add_argument("--kept-root", type=Path, help="use the debootstrap in this folder again, or make it there")
    given = options.parse_args()
    way: Way = given.way
    with tempfile.TemporaryDirectory(prefix="allpoints-bare-", dir="/var/tmp") as scratch:
        root = (given.kept_root or Path(scratch)) / way.proof
        if not (root / "usr/bin/python3").exists():
            make_root(root, way.packages)
        place = Path(scratch) / "place"
        place.mkdir()
        subprocess.run(["cp", "-a", f"{root}/.", str(place)], check=True)
        if way is WHEEL:
            subprocess.run(["make", "wheel"], check=True)
            (wheel,) = Path("dist").glob("*.whl")
            shutil.copy(wheel, place / "srv")
        else:
            subprocess.run(["git", "clone", "-q", "--bare", ".", str(place / "srv/allpoints.git")], check=True)
        figures = try_it(place, way, install_only=given.install_only)
    print(figures)
    if given.install_only:
        return 0
    print(f"kept in {keep(way.proof, figures)}")
    return 0 if figures["pictures_and_sound_after_s"] <= WITHIN and figures["slates_as_outside"] else 1


def make_root(root: Path, packages: str) -> None:
    """A minbase of this machine's own release from this machine's own mirror."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    codename = release["VERSION_CODENAME"].strip('"')
    mirrors = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    mirror = next(uri for uri, named in (line.split() for line in mirrors) if named == codename)
    print(f"debootstrap {codename} with {packages} …", flush=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", codename, str(root), mirror],
        check=True, stdout=subprocess.DEVNULL,
    )


@contextmanager
def running(place: Path, command: str) -> Iterator[subprocess.Popen[str]]:
    """``command`` in the chroot, in namespaces of its own: at the end all its processes and mounts are gone."""
    for name in BORROWED:
        if Path(name).exists():
            (place / name[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, place / name[1:])
    for folder in ("etc/apt", "usr/share/keyrings"):
        shutil.rmtree(place / folder)
        shutil.copytree(Path("/") / folder, place / folder)
    inside = (
        f"mount -t proc proc {place}/proc && mount --rbind /dev {place}/dev && "
        f"mount -t tmpfs tmpfs {place}/dev/shm && exec chroot {place} sh -c '{command}'"
    )
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    environment |= {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    process = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def try_it(place: Path, way: Way, *, install_only: bool) -> dict[str, Any]:
    target = way.install if install_only else way.run
    command = f"cd /root && {way.begin} && cd allpoints && echo begun && {target}"
    figures: dict[str, Any] = {"place": f"debootstrap minbase with {way.packages}", "command": target}
    with running(place, command) as process:
        began = time.monotonic()
        for line in lines_within(process, WAITED):
            print(f"{time.monotonic() - began:6.1f}  {line}", end="", flush=True)
            if line == "begun\n":
                began = time.monotonic()
            if "Installing the locked" in line:
                figures["venv_after_s"] = round(time.monotonic() - began, 1)
            if "started" in line and "started_after_s" not in figures:
                figures["started_after_s"] = round(time.monotonic() - began, 1)
            if ALLPOINTS_RUNS in line:
                figures["addresses_after_s"] = round(time.monotonic() - began, 1)
                address = line.split()[-1]
                break
        else:
            if install_only and process.wait() == 0:
                return figures | {"installed_after_s": round(time.monotonic() - began, 1)}
            sys.exit("It ended before it told an address.")
        threading.Thread(target=print_rest, args=(process,), daemon=True).start()
        seen = watch_and_listen(address, seconds=WAITED)
        figures["pictures_and_sound_after_s"] = round(time.monotonic() - began, 1)
        figures["seen"] = seen
    figures["slates_as_outside"] = slates_within(place) == slates_here()
    return figures


SLATES = """
import hashlib
from allpoints.schedule.model import Localized
from allpoints.stage.colours import planes_of
from allpoints.stage.slate import draw_slate
words = Localized({
    "en": "Keepers of the light", "fa": "نگهبانان نور", "ar": "حراس النور", "hi": "प्रकाश के रक्षक", "zh": "灯塔守护者",
})
for first in words.texts:
    picture = draw_slate(words, words, [first, *(each for each in words.texts if each != first)])
    print("slate", first, hashlib.sha256(b"".join(plane.tobytes() for plane in planes_of(picture))).hexdigest())
"""
"""Five scripts, each written large once. Outside of the chroot their shapes are held against Chromium's
(tests/media/test_text_beside_chromium.py): the same pixels inside are shaped right too."""


def slates_here() -> list[str]:
    drawn = subprocess.run([sys.executable, "-c", SLATES], capture_output=True, text=True, check=True)
    return _slate_lines(drawn.stdout)


def slates_within(place: Path) -> list[str]:
    (place / "root/slates.py").write_text(SLATES)
    with running(place, "/root/allpoints/.venv/bin/python /root/slates.py") as process:
        return _slate_lines(process.communicate(timeout=WAITED)[0])


def _slate_lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("slate ")]


def lines_within(process: subprocess.Popen[str], seconds: float) -> Iterator[str]:
    """The lines that the process prints; a process that prints nothing for ever is ended after ``seconds``."""
    assert process.stdout is not None
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield from process.stdout
    finally:
        timer.cancel()


def print_rest(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with contextlib.suppress(ValueError):  # closed at the end
        for line in process.stdout:
            print(f"        {line}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
