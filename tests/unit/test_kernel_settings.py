"""Settings: where each value comes from, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.settings import SETTINGS, BadSetting, Settings


def test_the_table_and_the_fields_are_the_same() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in dataclasses.fields(Settings)]
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_defaults_are_good_and_stay_on_this_machine() -> None:
    settings = Settings.read(environment={})
    assert {settings.host, settings.rtmp_host} == {"127.0.0.1"}


def test_the_command_line_wins_over_the_environment_and_that_over_the_default() -> None:
    environment = {"ALLPOINTS_PORT": "8701", "ALLPOINTS_RTMP_PORT": "1936"}
    settings = Settings.read({"port": "8702", "host": None}, environment)
    assert (settings.port, settings.rtmp_port, settings.host) == (8702, 1936, "127.0.0.1")


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("port", "http", "a number"), ("port", "0", "at least 1"), ("port", "65536", "at most 65535"),
    ("port", "8700.5", "a number"), ("release_delay", "nan", "at least 0"), ("release_delay", "-1", "at least 0"),
    ("release_delay", "inf", "at most 30"), ("low_latency", "maybe", "on or off"),
    ("ladder", "huge", "one of large, small, audio"), ("retention", "", "a number"),
])
def test_what_cannot_be_is_refused_with_the_option_and_what_it_may_be(name: str, text: str, expected: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.read({name: text}, {})
    assert "--" + name.replace("_", "-") in caught.value.sentence()
    assert f"“{text}”: {expected}." in caught.value.sentence()


@given(st.fixed_dictionaries({}, optional={
    "port": st.integers(1, 65535).map(str), "release_delay": st.floats(0, 30).map(str),
    "low_latency": st.sampled_from(["on", "OFF", "true", "No", "1", "0"]), "data": st.sampled_from(["/a b", "ü"]),
    "ladder": st.sampled_from(["large", "small", "audio"]), "retention": st.integers(20, 3600).map(str),
}))
def test_child_processes_get_the_same_settings(given: dict[str, str]) -> None:
    settings = Settings.read(given, {})
    assert Settings.read(environment=settings.as_environment()) == settings
