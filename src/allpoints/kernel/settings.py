"""Every setting, declared once: the command line, the environment, the docs and the doctor all read this table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allpoints.kernel.errors import AllpointsError


class BadSetting(AllpointsError):
    """A setting's text does not parse to its type, or lies outside its bounds."""

    code = "bad_setting"
    for_people = "The setting {name} cannot be “{value}”: {expected}. Change it and start again."


@dataclass(frozen=True)
class Setting:
    """One setting: ``name`` gives the option ``--name-with-dashes`` and the variable ``ALLPOINTS_NAME``."""

    name: str
    default: str
    kind: type[int] | type[float] | type[bool] | type[str] | type[Path]
    help: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "ALLPOINTS_" + self.name.upper()

    @property
    def option(self) -> str:
        """The command-line option."""
        return "--" + self.name.replace("_", "-")

    def parse(self, text: str) -> Any:
        """The value of ``text``; raises BadSetting with what was expected."""
        if self.kind is bool:
            if text.lower() in ("1", "true", "yes", "on"):
                return True
            if text.lower() in ("0", "false", "no", "off"):
                return False
            raise BadSetting(name=self.option, value=text, expected="on or off")
        if self.choices and text not in self.choices:
            raise BadSetting(name=self.option, value=text, expected="one of " + ", ".join(self.choices))
        try:
            value = self.kind(text)
        except ValueError:
            raise BadSetting(name=self.option, value=text, expected="a number") from None
        if isinstance(value, int | float):
            if self.least is not None and not value >= self.least:
                raise BadSetting(name=self.option, value=text, expected=f"at least {self.least:g}")
            if self.most is not None and not value <= self.most:
                raise BadSetting(name=self.option, value=text, expected=f"at most {self.most:g}")
        return value


SETTINGS: tuple[Setting, ...] = (
    Setting("data", "allpoints-data", Path, "Folder for the database, the journal, media and secrets."),
    Setting("host", "127.0.0.1", str, "Address that the web pages listen on. Loopback unless you say otherwise."),
    Setting("port", "8700", int, "Port of the web pages.", least=1, most=65535),
    Setting("public_address", "", str, "Address at which people reach the pages, such as https://keepers.example, to "
            "be named on the hall screen and in plain text. Without it, the one by which these were asked for."),
    Setting("rtmp_host", "127.0.0.1", str, "Address that RTMP publishers connect to."),
    Setting("rtmp_port", "1935", int, "Port that RTMP publishers connect to.", least=1, most=65535),
    Setting("ladder", "large", str, "Which renditions are made: “small” fits one core, “audio” has no picture.",
            choices=("large", "small", "audio")),
    Setting("release_delay", "0", float, "Seconds between program and publication in which DUMP can remove.",
            least=0, most=30),
    Setting("low_latency", "off", bool, "Also publish Low-Latency HLS with parts of 0.4 s."),
    Setting("retention", "60", int, "Seconds of released media kept for viewers who join late or fall behind.",
            least=20, most=3600),
    Setting("plain_places", "200", int, "How many may watch or listen without JavaScript at once; further ones wait "
            "in line.", least=1, most=2000),
    Setting("loss_grace", "0.25", float, "Seconds a lost source's last picture is held before the slate.",
            least=0, most=5),
    Setting("record_program", "on", bool, "Record what is released, picture and sound."),
    Setting("record_clean", "off", bool,
            "Also record the program without graphics. Encodes the largest picture a second time."),
    Setting("record_sources", "on", bool, "Record each live source on its own, as it comes in."),
    Setting("dump_erases_sources", "on", bool, "DUMP also erases what the recordings of sources have of that time."),
    Setting("record_keep_hours", "0", int, "Delete recordings that are older than this. 0 keeps them for ever.",
            least=0, most=100_000),
    Setting("metrics_key", "", str, "Bearer token with which /metrics is given to other machines. Best set in the "
            "environment, where other users do not see it."),
    Setting("peer", "", str, "Address of the pages of the second machine of this gathering, which stands by."),
    Setting("standby_of", "", str, "Be the second machine, and stand by for the one with its pages at this address."),
    Setting("standby_key", "", str, "A secret that both machines share. Better given in the environment."),
    Setting("takeover_after", "4", float, "Seconds without a sign of the other machine after which this one takes "
            "the air.", least=2, most=60),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force; fields are those of ``SETTINGS``."""

    data: Path
    host: str
    port: int
    public_address: str
    rtmp_host: str
    rtmp_port: int
    ladder: str
    release_delay: float
    low_latency: bool
    retention: int
    plain_places: int
    loss_grace: float
    record_program: bool
    record_clean: bool
    record_sources: bool
    dump_erases_sources: bool
    record_keep_hours: int
    metrics_key: str
    peer: str
    standby_of: str
    standby_key: str
    takeover_after: float

    @classmethod
    def read(
        cls, given: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None
    ) -> Settings:
        """Take each setting from ``given`` (the command line), else the environment, else its default."""
        given = given or {}
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = given.get(setting.name)
            if text is None:
                text = environment.get(setting.variable, setting.default)
            values[setting.name] = setting.parse(text)
        return cls(**values)

    def as_environment(self) -> dict[str, str]:
        """The same settings as environment variables, for the child processes of ``serve``."""
        spoken = {True: "on", False: "off"}
        return {s.variable: str(spoken.get(getattr(self, s.name), getattr(self, s.name)))
                if s.kind is bool else str(getattr(self, s.name)) for s in SETTINGS}
