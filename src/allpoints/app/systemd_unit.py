"""The unit that lets systemd look after the supervisor, which looks after all other processes.

One unit, because the supervisor starts a dead process again within a tenth of a second and knows a hung one from a
busy one; systemd does the same for the supervisor. Sources: systemd.service(5), systemd.exec(5), systemd.syntax(7).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from allpoints.kernel.folders import Folders
from allpoints.kernel.priority import FIRST
from allpoints.kernel.settings import SETTINGS, Settings

WATCHDOG_SECONDS = 10
START_SECONDS = 120
STOP_SECONDS = 15
"""A little more than the supervisor itself gives its processes."""

SECRETS = ("metrics_key", "standby_key")
"""Settings that belong in a file which only root reads."""

LOWEST_OPEN_PORT = 1024


def unit(settings: Settings, gathering: Path, user: str) -> str:
    """The text of ``allpoints.service``: ``serve`` with ``settings`` for the plan in ``gathering``, as ``user``."""
    folders = Folders.beneath(settings.data)
    texts = settings.as_environment() | {"ALLPOINTS_DATA": str(folders.data)}
    changed = [
        f"Environment={_word(f'{setting.variable}={texts[setting.variable]}')}" for setting in SETTINGS
        if setting.name not in SECRETS and (
            setting.kind is Path or getattr(settings, setting.name) != setting.parse(setting.default))
    ]
    start = [sys.executable, "-m", "allpoints", "serve", "--gathering", str(gathering.resolve())]
    may_bind = ["AmbientCapabilities=CAP_NET_BIND_SERVICE"] if settings.port < LOWEST_OPEN_PORT else []
    return "\n".join([
        "[Unit]",
        "Description=Allpoints: one live gathering",
        "Documentation=man:systemd.service(5)",
        "Wants=network-online.target",
        "After=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=notify",
        f"User={user}",
        f"WorkingDirectory={_specifiers(str(gathering.resolve().parent))}",
        f"ExecStart={' '.join(map(_word, start))}",
        *changed,
        f"# {' and '.join(f'ALLPOINTS_{name.upper()}' for name in SECRETS)} belong here, readable by root alone:",
        "EnvironmentFile=-/etc/allpoints.env",
        "",
        "# Started again at once and without end; ended when its loop falls silent.",
        "Restart=always",
        "RestartSec=200ms",
        f"WatchdogSec={WATCHDOG_SECONDS}",
        f"TimeoutStartSec={START_SECONDS}",
        f"TimeoutStopSec={STOP_SECONDS}",
        "KillMode=mixed",
        "",
        "# The last to go when memory runs out; of its processes, those that viewers miss least go first.",
        "OOMScoreAdjust=-500",
        "OOMPolicy=continue",
        "LimitNOFILE=65536",
        f"LimitNICE={FIRST}",
        "LimitCORE=0",
        "",
        "NoNewPrivileges=yes",
        f"CapabilityBoundingSet={'CAP_NET_BIND_SERVICE' if may_bind else ''}",
        *may_bind,
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        f"ReadWritePaths={_word(str(folders.data))} {_word(str(folders.memory.parent))}",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectControlGroups=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
        "",
    ])


def _word(text: str) -> str:
    """``text`` as one word of a directive."""
    text = _specifiers(text).replace("$", "$$") if "=" not in text else _specifiers(text)
    if not re.search(r"[\s\"'\\;]", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
