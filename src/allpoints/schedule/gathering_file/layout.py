"""Every table and key of ``gathering.toml``, declared once: the reader and the reference page both read this."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a key may hold; the value is how the type is told to people."""

    TEXT = "a text, or one text for each language"
    NAME = "a key: small letters, digits and hyphens in quotes"
    GUID = "a GUID in quotes"
    LANGUAGE = "a language tag in quotes"
    LANGUAGES = "a list of language tags"
    ZONE = "an IANA time zone in quotes"
    DATE = "a date"
    TIME = "a time of day"
    DURATION = "minutes and seconds in quotes, or a number of seconds"
    SOURCE_KIND = "“file”, “still” or “rtmp”"
    PATH = "a path in quotes"
    STREAM_KEY = "a stream key in quotes"
    ADDRESS = "an address in quotes"
    RENDITION = "the name of a rendition in quotes"
    FLAG = "true or false"
    PERSON = "the key of a person"
    PEOPLE = "a list of keys of people"
    SOURCE = "the key of a source"
    TABLE = "a table"
    TABLES = "one or more tables"


@dataclass(frozen=True)
class Key:
    """One key of a table. ``example`` is the value as it is written in the file."""

    name: str
    kind: Kind
    help: str
    example: str
    required: bool = False

    @property
    def line(self) -> str:
        """A line of the file that sets it."""
        if self.kind is Kind.TABLE:
            return f"[{self.example}]"
        return f"[[{self.example}]]" if self.kind is Kind.TABLES else f"{self.name} = {self.example}"


@dataclass(frozen=True)
class Section:
    """One table of the file. ``called`` names it in sentences; ``header`` is how it begins in the file."""

    called: str
    header: str
    help: str
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key:
        """The key called ``name``; KeyError if there is none."""
        return {key.name: key for key in self.keys}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its keys."""
        return tuple(key.name for key in self.keys)


GATHERING = Section("The gathering", "", "The whole event; these lines come first in the file.", (
    Key("slug", Kind.NAME, "Short name in addresses and file names. Never change it: identities are made from it.",
        '"lighthouse-assembly"', required=True),
    Key("name", Kind.TEXT, "What the gathering is called.", '"World Assembly of Lighthouse Keepers"', required=True),
    Key("tagline", Kind.TEXT, "One line under the name.", '"Every light answers"', required=True),
    Key("languages", Kind.LANGUAGES, "Languages of the texts in this file, the main one first.", '["en", "fa"]',
        required=True),
    Key("zone", Kind.ZONE, "The zone in which all times of this file are meant.", '"Europe/Lisbon"', required=True),
    Key("slate", Kind.TEXT, "What the holding picture says.",
        '{ en = "We will be right back", fa = "به‌زودی برمی‌گردیم" }', required=True),
    Key("trace", Kind.TABLE, "What viewers' devices are left with.", "trace"),
    Key("people", Kind.TABLES, "Who speaks.", "people"),
    Key("sources", Kind.TABLES, "What can be put on air. The source “slate” is always there.", "sources"),
    Key("receivers", Kind.TABLES, "Who outside is sent the program as it goes out.", "receivers"),
    Key("days", Kind.TABLES, "When it takes place.", "days", required=True),
))

TRACE = Section("The trace", "[trace]", "What viewers' devices are left with, where whoever is found to have watched "
                "may come to harm. See [how to leave a low trace](../how-to/low-trace.md).", (
    Key("low", Kind.FLAG, "Browsers are told to keep nothing, viewers get no cookie, and every page has a button to "
        "leave at once; false unless given.", "true"),
    Key("neutral_title", Kind.TEXT, "What tabs, histories and notifications show in place of the gathering's name.",
        '{ en = "Weather", fa = "هوا" }'),
    Key("neutral_icon", Kind.FLAG, "Tabs and histories show a plain icon; false unless given.", "true"),
))

PERSON = Section("A person", "[[people]]", "Somebody who speaks.", (
    Key("key", Kind.NAME, "How sessions and items refer to this person.", '"ines-faria"', required=True),
    Key("name", Kind.TEXT, "The name as it is shown.", '"Inês Faria"', required=True),
    Key("about", Kind.TEXT, "The line under the name in a lower third.", '"Keeper of Cabo Claro"'),
))

SOURCE = Section("A source", "[[sources]]", "Something that can be put on air.", (
    Key("key", Kind.NAME, "How items refer to this source.", '"harbour-film"', required=True),
    Key("name", Kind.TEXT, "The name on the control page.", '"Harbour film"', required=True),
    Key("kind", Kind.SOURCE_KIND, "A video or sound file, a still picture, or a live RTMP publisher.", '"file"',
        required=True),
    Key("path", Kind.PATH, "For files and stills: where it is, seen from the folder of this file.",
        '"media/harbour.mp4"'),
    Key("stream_key", Kind.STREAM_KEY, "For RTMP: the secret that lets one publisher in, at least 12 letters, "
        "digits, hyphens and underscores. “allpoints init” writes a random one.", '"…"'),
    Key("loop", Kind.FLAG, "For files: start again at the end.", "true"),
))

RECEIVER = Section("A receiver", "[[receivers]]", "Somebody outside who is sent the program as it goes out: a "
                   "television station, a platform.", (
    Key("key", Kind.NAME, "Its short name.", '"coast-tv"', required=True),
    Key("name", Kind.TEXT, "The name on the control page.", '"Coast TV"', required=True),
    Key("url", Kind.ADDRESS, "Where it listens: rtmp://, rtmps:// or srt://.", '"rtmps://live.example/app"',
        required=True),
    Key("stream_key", Kind.STREAM_KEY, "The secret that the receiver gave you. It becomes the end of an RTMP "
        "address, or the stream id of SRT.", '"…"'),
    Key("rendition", Kind.RENDITION, "What is sent; the largest that is made unless given. The name of a sound, such "
        "as “a64”, sends sound alone.", '"v480"'),
    Key("enabled", Kind.FLAG, "Whether it is sent to from the start; true unless given.", "false"),
))

DAY = Section("A day", "[[days]]", "A block with its own start and end. It may cross midnight: an end that is not "
              "after the start is on the next date.", (
    Key("date", Kind.DATE, "The date on which it starts; also its name.", "2030-05-17", required=True),
    Key("starts", Kind.TIME, "When it starts.", '"09:00"', required=True),
    Key("ends", Kind.TIME, "When it ends; “24:00” is midnight.", '"18:00"', required=True),
    Key("sessions", Kind.TABLES, "What happens on it.", "days.sessions"),
))

SESSION = Section("A session", "[[days.sessions]]", "One announced slot of the day above it.", (
    Key("key", Kind.NAME, "Its lasting name, from which its identity is made. Needed unless there is a guid.",
        '"opening"'),
    Key("guid", Kind.GUID, "Its identity, if it comes from elsewhere.", '"6fa459ea-ee8a-5ca4-894e-db77e160355e"'),
    Key("title", Kind.TEXT, "What it is called.", '"Opening"', required=True),
    Key("starts", Kind.TIME, "When it starts.", '"10:00"', required=True),
    Key("ends", Kind.TIME, "When it ends.", '"10:45"', required=True),
    Key("language", Kind.LANGUAGE, "What is spoken; the main language unless given.", '"en"'),
    Key("people", Kind.PEOPLE, "Who speaks, by key.", '["ines-faria"]'),
    Key("abstract", Kind.TEXT, "A few sentences about it.", '"How the assembly works."'),
    Key("items", Kind.TABLES, "What is put on air in it, in order.", "days.sessions.items"),
))

ITEM = Section("An item", "[[days.sessions.items]]", "Something to put on air in the session above it.", (
    Key("key", Kind.NAME, "Its lasting name within the session; the source's key unless given.", '"welcome"'),
    Key("guid", Kind.GUID, "Its identity, if it comes from elsewhere.", '"16fd2706-8baf-433b-82eb-8c7fada847da"'),
    Key("title", Kind.TEXT, "What the rundown calls it.", '"Welcome from the harbour"', required=True),
    Key("source", Kind.SOURCE, "What is shown.", '"harbour-film"', required=True),
    Key("duration", Kind.DURATION, "How long it is on air. Without one: until the file ends, or the next take.",
        '"4:30"'),
    Key("lower_third", Kind.PERSON, "Whose name is shown over it.", '"ines-faria"'),
))

SECTIONS = (GATHERING, TRACE, PERSON, SOURCE, RECEIVER, DAY, SESSION, ITEM)
