"""Alarms that stand and go: a condition must last before it is one, and be gone for a while before it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from allpoints.kernel.text.translations import Language
from allpoints.web.health.rules import RULES, Findings, Owner, Rule, Severity, Values

_BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}


class Alarm(msgspec.Struct, frozen=True):
    """Something that somebody should do something about. ``subject`` is the source, process or receiver meant."""

    code: str
    subject: str
    since: datetime
    values: dict[str, str | int | float] = {}

    @property
    def rule(self) -> Rule:
        """What it is an instance of."""
        return _BY_CODE[self.code]


class ToldAlarm(msgspec.Struct, frozen=True):
    """An alarm in words: what is wrong, whose business it is, and what they do next."""

    code: str
    subject: str
    severity: Severity
    owner: Owner
    sentence: str
    next_step: str
    since: datetime


def told(alarm: Alarm, language: Language) -> ToldAlarm:
    """The alarm in the reader's language."""
    rule = alarm.rule
    values = {name: language.digits(value) for name, value in alarm.values.items()}
    return ToldAlarm(alarm.code, alarm.subject, rule.severity, rule.owner, language.say(rule.sentence, values),
                     language.say(rule.next_step, values), alarm.since)


@dataclass(frozen=True)
class _Standing:
    """A condition that holds, or held a moment ago. Instants are monotonic seconds but for the alarm's own."""

    alarm: Alarm
    began: float
    held: float
    is_raised: bool = False


@dataclass(frozen=True)
class Board:
    """All conditions that hold; some are alarms. Another look makes another board."""

    standings: Mapping[tuple[str, str], _Standing] = field(default_factory=dict)

    @classmethod
    def of(cls, alarms: list[Alarm], monotonic: float) -> Board:
        """A board on which ``alarms`` stand already: those of a predecessor. Codes of no rule are passed over."""
        return cls({(alarm.code, alarm.subject): _Standing(alarm, monotonic, monotonic, is_raised=True)
                    for alarm in alarms if alarm.code in _BY_CODE})

    @property
    def alarms(self) -> list[Alarm]:
        """What is raised: urgent ones first, then the oldest."""
        raised = [standing.alarm for standing in self.standings.values() if standing.is_raised]
        return sorted(raised, key=lambda alarm: (alarm.rule.severity is not Severity.URGENT, alarm.since))

    def after(self, found: Mapping[str, Findings], now: datetime, monotonic: float) -> Board:
        """The board after a look: ``found`` has for each code what was found, None where it could not be known."""
        standings: dict[tuple[str, str], _Standing] = {}
        for code, findings in found.items():
            rule = _BY_CODE[code]
            before = {key: standing for key, standing in self.standings.items() if key[0] == code}
            if findings is None:  # what stands goes on standing; what did not yet last begins anew
                standings |= {key: replace(one, held=monotonic) for key, one in before.items() if one.is_raised}
                continue
            for subject, values in findings.items():
                known = before.pop((code, subject), None)
                standings[code, subject] = _held(known, rule, subject, values, now, monotonic)
            standings |= {key: one for key, one in before.items()
                          if one.is_raised and monotonic - one.held < rule.clear_after}
        return Board(standings)


def _held(
    known: _Standing | None, rule: Rule, subject: str, values: Values, now: datetime, monotonic: float
) -> _Standing:
    if known is None:
        known = _Standing(Alarm(rule.code, subject, now, dict(values)), monotonic, monotonic)
    alarm = msgspec.structs.replace(known.alarm, values=dict(values))
    is_raised = known.is_raised or monotonic - known.began >= rule.raise_after
    return replace(known, alarm=alarm, held=monotonic, is_raised=is_raised)
