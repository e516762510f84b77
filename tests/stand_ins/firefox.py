"""Debian's Firefox ESR, driven by the Marionette protocol that it speaks itself: no driver between, no library.

A message is its length in bytes, a colon and JSON: ``[0, number, command, parameters]`` for a command, ``[1, number,
error, result]`` for an answer. Scripts that are asked for here run beside the page's, also where those are off.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stand_ins.gatherings import a_free_port

FIREFOX = "/usr/bin/firefox-esr"
START_SECONDS = 60.0
ANSWER_SECONDS = 60.0


class Refused(Exception):
    """Firefox says that a command failed, in WebDriver's words."""


class Firefox:
    """One tab. What is looked for by a selector is waited for."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("rb")
        self._number = 0
        self._read()  # its greeting
        self._ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": {"implicit": 15_000}}})

    def open(self, address: str) -> None:
        """Go to a page and wait until it has loaded."""
        self._ask("WebDriver:Navigate", url=address)

    def click(self, selector: str) -> None:
        """Click on what it finds first; where that leads to another page, wait until it has loaded."""
        self._ask("WebDriver:ElementClick", id=self._find(selector))

    def text(self, selector: str) -> str:
        """The text of it that can be seen."""
        return str(self._ask("WebDriver:GetElementText", id=self._find(selector))["value"])

    def evaluate(self, expression: str) -> Any:
        """What an expression comes to within the page."""
        return self._ask("WebDriver:ExecuteScript", script=f"return {expression}", args=[])["value"]

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait for an expression to hold."""
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            assert time.monotonic() < end, f"waited in vain for {expression}"
            time.sleep(0.2)

    def close(self) -> None:
        """Leave the browser."""
        self._ask("Marionette:Quit", flags=["eForceQuit"])
        self._answers.close()

    def _find(self, selector: str) -> str:
        found = self._ask("WebDriver:FindElement", using="css selector", value=selector)["value"]
        return str(next(iter(found.values())))

    def _ask(self, command: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._connection.sendall(b"%d:" % len(message) + message)
        _, number, error, result = self._read()
        assert number == self._number
        if error:
            raise Refused(f"{command} {parameters}: {error['message']}")
        answer: dict[str, Any] = result
        return answer

    def _read(self) -> Any:
        length = b""
        while (byte := self._answers.read(1)) != b":":
            assert byte, "Firefox hung up"
            length += byte
        return json.loads(self._answers.read(int(length)))


@contextmanager
def firefox(folder: Path, *, scripts: bool = True) -> Iterator[Firefox]:
    """A headless Firefox with a fresh profile. ``scripts`` False: JavaScript is off, as in the safest Tor Browser."""
    profile, port = folder / "profile", a_free_port()
    profile.mkdir()
    preferences = {"marionette.port": port, "javascript.enabled": scripts, "media.autoplay.default": 0}
    (profile / "user.js").write_text(
        "".join(f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items())
    )
    with _sound_card(folder) as card:
        process = subprocess.Popen(
            [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PULSE_SERVER": card},
        )
        try:
            with _connected(port) as connection:
                browser = Firefox(connection)
                yield browser
                browser.close()
                process.wait(20)
        finally:
            process.kill()
            process.wait()


@contextmanager
def _sound_card(folder: Path) -> Iterator[str]:
    """A sound card that nobody hears; where it is. Without one Firefox refuses to play what has no picture."""
    socket_path = folder / "card"
    process = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--load=module-null-sink",
         f"--load=module-native-protocol-unix socket={socket_path}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
    )
    try:
        yield f"unix:{socket_path}"
    finally:
        process.kill()
        process.wait()


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        except OSError:
            assert time.monotonic() < end, f"Firefox does not listen within {START_SECONDS} s"
            time.sleep(0.2)
