"""What a check finds."""

from __future__ import annotations

import enum

import msgspec


class Verdict(enum.StrEnum):
    """``WARN``: works, but not well, or not for three days. ``FAIL``: a gathering cannot be held like this."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One row: what was looked at, how it is, and where it is not well, what to do next."""

    subject: str
    verdict: Verdict
    says: str
    next_step: str = ""


def well(subject: str, says: str) -> Finding:
    """A finding that needs nothing."""
    return Finding(subject, Verdict.OK, says)


def doubtful(subject: str, says: str, next_step: str) -> Finding:
    """A finding to know of."""
    return Finding(subject, Verdict.WARN, says, next_step)


def wrong(subject: str, says: str, next_step: str) -> Finding:
    """A finding that must be put right."""
    return Finding(subject, Verdict.FAIL, says, next_step)


def told(finding: Finding) -> str:
    """The finding as one row of text, with a second one for the next step."""
    mark = {Verdict.OK: "ok  ", Verdict.WARN: "warn", Verdict.FAIL: "FAIL"}[finding.verdict]
    row = f"{mark}  {finding.subject:<14}  {finding.says}"
    return f"{row}\n{'':22}→ {finding.next_step}" if finding.next_step else row
