"""Every sentence that Allpoints says about a gathering file."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """Whether the gathering can be held with the file as it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Complaint:
    """One kind of problem. ``for_people`` is an English message id with ``{name}`` fields, as in AllpointsError."""

    code: str
    for_people: str
    severity: Severity = Severity.ERROR


UNREADABLE = Complaint(
    "unreadable",
    "The file cannot be read ({reason}). Check its name, or write one with “allpoints init”.",
)
TOO_LARGE = Complaint("too_large", "The file is larger than {limit} MB. Keep only the gathering's text in it.")
NOT_UTF8 = Complaint("not_utf8", "This line is not UTF-8 text. Save the file again with the encoding UTF-8.")
BAD_SYNTAX = Complaint(
    "bad_syntax",
    "This is not valid TOML: {reason}. Look here for a missing quote, bracket or comma.",
)
UNKNOWN_KEY = Complaint("unknown_key", "“{key}” has no meaning here. Use one of {known}, or remove it.")
MISSPELT_KEY = Complaint("unknown_key", "“{key}” has no meaning here. Did you mean “{near}”?")
MISSING_KEY = Complaint("missing_key", "{section} needs “{key}”. Add a line such as: {example}")
WRONG_TYPE = Complaint("wrong_type", "“{key}” is {found} but must be {expected}. Write, for example: {example}")
EMPTY_TEXT = Complaint("empty_text", "“{key}” is empty. Write something there, or remove the line.")
BAD_TEXT = Complaint("bad_text", "“{key}” contains a control character (number {number}). Remove it.")
BAD_NAME = Complaint(
    "bad_name",
    "“{value}” cannot be a {key}. Use small letters, digits and hyphens, such as “{near}”.",
)
BAD_GUID = Complaint("bad_guid", "“{value}” is not a GUID. Write one such as “{near}”, or remove the line.")
UNKNOWN_ZONE = Complaint("unknown_zone", "There is no time zone “{value}”. Use an IANA name such as “{near}”.")
UNKNOWN_LANGUAGE = Complaint("unknown_language", "There is no language “{value}”. Use a tag such as “{near}”.")
UNLISTED_LANGUAGE = Complaint(
    "unlisted_language",
    "“{value}” is not among the gathering's languages. Add it to “languages”, or remove this text.",
)
NO_MAIN_LANGUAGE = Complaint(
    "no_main_language",
    "“{key}” has no text in “{language}”, the gathering's first language. Add one.",
)
REPEATED = Complaint("repeated", "“{value}” is listed twice in “{key}”. Remove one of the two.")
BAD_DATE = Complaint("bad_date", "“{value}” is not a date between 1990 and 2200. Write, for example: {example}")
BAD_TIME = Complaint("bad_time", "“{value}” is not a time. Write, for example: {example}")
BAD_DURATION = Complaint(
    "bad_duration",
    "“{value}” is not a length of time. Write minutes and seconds, for example: {example}",
)
SKIPPED_TIME = Complaint(
    "skipped_time",
    "{local} does not exist in {zone}: clocks go forward over it. The next time that exists is {resumes}.",
)
REPEATED_TIME = Complaint(
    "repeated_time",
    "{local} happens twice in {zone}: clocks go back. Write {earlier} or {later}, without quotes.",
)
DUPLICATE_NAME = Complaint(
    "duplicate_name",
    "The {key} “{value}” is already used on line {line}. Give this one another.",
)
DUPLICATE_GUID = Complaint(
    "duplicate_guid",
    "This has the same identity as line {line}. Give it another “key” or “guid”.",
)
DUPLICATE_STREAM_KEY = Complaint(
    "duplicate_stream_key",
    "This stream key is already used on line {line}. Give each source its own, such as “{near}”.",
)
DUPLICATE_DAY = Complaint(
    "duplicate_day",
    "The day {date} is already on line {line}. Put the sessions of both under one day.",
)
RESERVED_NAME = Complaint(
    "reserved_name",
    "“{value}” is the name of the holding picture, which is always there. Choose another key.",
)
UNKNOWN_PERSON = Complaint(
    "unknown_person",
    "There is no person “{value}”. Add one under [[people]], or correct the key.",
)
MISSPELT_PERSON = Complaint("unknown_person", "There is no person “{value}”. Did you mean “{near}”?")
UNKNOWN_SOURCE = Complaint(
    "unknown_source",
    "There is no source “{value}”. Add one under [[sources]], or correct the key.",
)
MISSPELT_SOURCE = Complaint("unknown_source", "There is no source “{value}”. Did you mean “{near}”?")
UNKNOWN_KIND = Complaint("unknown_kind", "“{value}” is not a kind of source. Use one of {known}.")
NOT_FOR_KIND = Complaint("not_for_kind", "A source of kind “{kind}” has no “{key}”. Remove it, or change the kind.")
NEEDED_FOR_KIND = Complaint(
    "needed_for_kind",
    "A source of kind “{kind}” needs “{key}”. Add a line such as: {example}",
)
WEAK_STREAM_KEY = Complaint(
    "weak_stream_key",
    "This stream key can be guessed or mistyped. Use at least {least} letters, digits, hyphens and underscores, "
    "such as “{near}”.",
)
BAD_ADDRESS = Complaint(
    "bad_address",
    "Nothing can be sent to this address. It begins with rtmp://, rtmps:// or srt:// and names a host; SRT needs a "
    "port too, RTMP a path. Write, for example: {example}",
)
BAD_RECEIVER_KEY = Complaint(
    "bad_receiver_key",
    "This stream key holds a space or a letter that no key has. Copy it once more from the receiver.",
)
BAD_RENDITION = Complaint(
    "bad_rendition",
    "“{value}” is not the name of a rendition. Write one such as “v720”, or “a64” for sound alone, or remove the "
    "line.",
)
DAY_ENDS_EARLY = Complaint(
    "day_ends_early",
    "The day {date} ends before it starts ({starts}–{ends}). Change one of the two.",
)
SESSION_ENDS_EARLY = Complaint(
    "session_ends_early",
    "Session “{session}” ends before it starts ({starts}–{ends}). Change one of the two.",
)
DAYS_OVERLAP = Complaint(
    "days_overlap",
    "The day {date} starts before {other} ends ({ends}). Change one of the two.",
)
SESSIONS_OVERLAP = Complaint(
    "sessions_overlap",
    "Session “{session}” starts at {starts}, before “{other}” (line {line}) ends at {ends}. Change one of the "
    "two.",
)
OUTSIDE_DAY = Complaint(
    "outside_day",
    "Session “{session}” ({starts}–{ends}) is not within its day ({opens}–{closes}). Change the session or the "
    "day.",
)
MISSING_FILE = Complaint(
    "missing_file",
    "There is no file {path}. Put it there before the gathering starts, or correct the path.",
    Severity.WARNING,
)
ITEMS_TOO_LONG = Complaint(
    "items_too_long",
    "The items of session “{session}” last {items}, longer than the session ({length}). Shorten them, or expect "
    "to run over.",
    Severity.WARNING,
)
