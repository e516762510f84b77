"""gathering.toml: what good files mean, and that each mistake is told on its own line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stand_ins.plans import FOLDER, SMALL_FILE

from allpoints.schedule.gathering_file import (
    GatheringFileError,
    Severity,
    check_gathering_file,
    complaints,
    gathering_template,
    load_gathering_file,
)
from allpoints.schedule.gathering_file.layout import SECTIONS
from allpoints.schedule.gathering_file.reading import read_gathering
from allpoints.schedule.model import Gathering, Localized, SourceRef, Trace

_TRACE = "[trace]\nlow = true"
_COAST = SMALL_FILE[SMALL_FILE.index("[[receivers]]"):SMALL_FILE.index("[[days]]")]
_COAST_URL = 'url = "rtmps://live.coast.example/app"'
_PEOPLE = SMALL_FILE[SMALL_FILE.index("[[people]]"):]
_ISLAND = 'kind = "rtmp"\nstream_key = "ccccDDDD_2222"'
_NIGHT = 'starts = "23:30"\nends = "00:30"'
_LAST_DAY = 'date = 2026-10-26\nstarts = "09:00"'
_WELCOME = '[[days.sessions.items]]\ntitle = "Welcome"\nsource = "harbour"\nduration = "4:30"'

# Each mistake is made by replacing text of the good file; “#!” names the codes expected on that very line.
BROKEN: dict[str, tuple[str, str]] = {
    "an unclosed text": ('zone = "Europe/Lisbon"', 'zone = "Europe/Lisbon  #! bad_syntax'),
    "an unclosed list": ('["en", "fa"]\n', '["en", "fa"\nzone2 = 1  #! bad_syntax\n'),
    "a key twice in a table": ('slate = "Back soon"', 'slate = "Back"\nslate = "Soon"  #! bad_syntax'),
    "a misspelt key": ("tagline = {", 'taglin = "x"  #! unknown_key\ntagline = {'),
    "a key from nowhere": ('key = "odd"', 'key = "odd"\nfavourite_colour = "red"  #! unknown_key'),
    "an unknown table": ('[[people]]\nkey = "odd"', '[[rooms]]  #! unknown_key\n[[people]]\nkey = "odd"'),
    "a missing key": ('[[people]]\nkey = "odd"\n', "[[people]]  #! missing_key\n"),
    "a missing key of the gathering": ('slug = "lights"\n', "#! missing_key\n"),
    "a missing title": ('[[days.sessions.items]]\ntitle = "Welcome"', "[[days.sessions.items]]  #! missing_key"),
    "a number for a text": ('name = "Odd Vik"', "name = 7  #! wrong_type"),
    "a text for tables": (_PEOPLE, 'days = "Saturday"  #! wrong_type\n'),
    "numbers for tables": (_PEOPLE, "days = [1, 2]  #! wrong_type\n"),
    "tables for a table": (_TRACE, "[[trace]]  #! wrong_type\nlow = true"),
    "a misspelt key of the trace": (_TRACE, _TRACE + "\nneutral_tile = \"Tide\"  #! unknown_key"),
    "a text for a flag": (_TRACE, '[trace]\nlow = "yes"  #! wrong_type'),
    "no day": (_PEOPLE, "days = []  #! empty_text\n"),
    "a number for one language": ('name = "Odd Vik"', 'name = { en = "Odd", fa = 7 }  #! wrong_type'),
    "an empty text": ('title = "Closing"', 'title = "  "  #! empty_text'),
    "a control character": ('title = "Closing"', 'title = "Clo\\u0000sing"  #! bad_text'),
    "no text in the main language": ('name = "Odd Vik"', 'name = { fa = "اُد" }  #! no_main_language'),
    "a text in an unlisted language": ('name = "Odd Vik"', 'name = { en = "Odd", nb = "Odd" }  #! unlisted_language'),
    "an unknown language": ('["en", "fa"]', '["en", "fa", "xx"]  #! unknown_language'),
    "a language in the wrong form": ('key = "closing"', 'key = "closing"\nlanguage = "en_GB"  #! unknown_language'),
    "a language twice": ('["en", "fa"]', '["en", "fa", "en"]  #! repeated'),
    "no language": ('["en", "fa"]', "[]  #! empty_text"),
    "an unknown zone": ('zone = "Europe/Lisbon"', 'zone = "Europe/Lisboa"  #! unknown_zone'),
    "a zone that is a folder": ('zone = "Europe/Lisbon"', 'zone = "Europe"  #! unknown_zone'),
    "a name with capitals": ('key = "odd"', 'key = "Odd Vik"  #! bad_name'),
    "a bad guid": ('key = "closing"', 'guid = "1234"  #! bad_guid'),
    "neither key nor guid": ('[[days.sessions]]\nkey = "closing"', "[[days.sessions]]  #! missing_key"),
    "a person twice": ('key = "odd"', 'key = "ines"  #! duplicate_name'),
    "a source twice": ('key = "island"', 'key = "harbour"  #! duplicate_name'),
    "a stream key twice": ('"ccccDDDD_2222"', '"aaaaBBBB-1111"  #! duplicate_stream_key'),
    "a short stream key": ('"ccccDDDD_2222"', '"island"  #! weak_stream_key'),
    "a source called slate": ('key = "island"', 'key = "slate"  #! reserved_name'),
    "an unknown kind": (_ISLAND, _ISLAND.replace('"rtmp"', '"srt"  #! unknown_kind')),
    "a loop of a publisher": (_ISLAND, _ISLAND + "\nloop = true  #! not_for_kind"),
    "a publisher without a stream key": (_ISLAND, 'kind = "rtmp"  #! needed_for_kind'),
    "a file without a path": (_ISLAND, 'kind = "file"  #! needed_for_kind'),
    "a file that is not there": (_ISLAND, 'kind = "file"\npath = "nowhere.mp4"  #! missing_file'),
    "a name no disk can hold": (_ISLAND, f'kind = "file"\npath = "{"n" * 5000}"  #! missing_file'),
    "a receiver twice": (
        _COAST, _COAST + "\n" + _COAST.replace('key = "coast-tv"', 'key = "coast-tv"  #! duplicate_name')),
    "an address nobody can send to": (_COAST_URL, 'url = "https://live.coast.example/app"  #! bad_address'),
    "an RTMP address without a path": (_COAST_URL, 'url = "rtmp://live.coast.example"  #! bad_address'),
    "an SRT address without a port": (_COAST_URL, 'url = "srt://live.coast.example"  #! bad_address'),
    "a port that is none": (_COAST_URL, 'url = "rtmp://live.coast.example:99999/app"  #! bad_address'),
    "a receiver's key with a space": ('"coast?s=1"', '"coast 1"  #! bad_receiver_key'),
    "a rendition that is none": ('rendition = "v480"', 'rendition = "480p"  #! bad_rendition'),
    "a session twice": ('key = "night"', 'key = "opening"  #! duplicate_guid'),
    "an item twice": (_WELCOME, _WELCOME + "\n" + _WELCOME.replace("items]]", "items]]  #! duplicate_guid")),
    "an unknown person": ('people = ["ines"]', 'people = ["zoltan"]  #! unknown_person'),
    "a misspelt person": ('lower_third = "ines"', 'lower_third = "inês"  #! unknown_person'),
    "a person twice in a session": ('people = ["ines"]', 'people = ["ines", "ines"]  #! repeated'),
    "a number for a person": ('people = ["ines"]', "people = [1]  #! wrong_type"),
    "an unknown source": ('source = "harbour"', 'source = "harbor"  #! unknown_source'),
    "a bad date": ("date = 2026-10-26", 'date = "26.10.2026"  #! bad_date'),
    "a date of long ago": ("date = 2026-10-26", "date = 0026-10-26  #! bad_date"),
    "a date with a time": ("date = 2026-10-26", "date = 2026-10-26T09:00:00Z  #! wrong_type"),
    "a day twice": ("date = 2026-10-26", "date = 2026-10-24  #! duplicate_day"),
    "days that overlap": (_LAST_DAY, 'date = 2026-10-25\nstarts = "02:30"  #! days_overlap'),
    "a bad time": ('starts = "10:00"', 'starts = "10 o’clock"  #! bad_time'),
    "a time that no clock shows": ('starts = "10:00"', 'starts = "10:60"  #! bad_time'),
    "a date and time without offset": ('starts = "10:00"', "starts = 2026-10-26T10:00:00  #! bad_time"),
    "a bad duration": ('duration = "4:30"', 'duration = "four"  #! bad_duration'),
    "an endless duration": ('duration = "4:30"', "duration = inf  #! bad_duration"),
    "no duration at all": ('duration = "4:30"', "duration = 0  #! bad_duration"),
    "items longer than their session": (
        _WELCOME, _WELCOME.replace("items]]", "items]]  #! items_too_long").replace("4:30", "50:00")),
    "a time that happens twice": (_NIGHT, 'starts = "23:30"\nends = "01:30"  #! repeated_time'),
    "a time that is skipped": (_LAST_DAY, 'date = 2027-03-28\nstarts = "01:30"  #! skipped_time'),
    "a session that ends before it starts": ('ends = "11:00"', 'ends = "09:30"  #! session_ends_early'),
    "a session outside its day": ('starts = "10:00"', 'starts = "08:30"  #! outside_day'),
    "a session after its day": (_NIGHT, 'starts = "23:30"  #! outside_day\nends = "04:30"'),
    "sessions that overlap": ('starts = "23:30"', 'starts = "18:44"  #! sessions_overlap'),
    "a day that ends before it starts": ('ends = "12:00"', "ends = 2026-10-26T08:00:00Z  #! day_ends_early"),
}


def expected_in(text: str) -> list[tuple[int, str]]:
    """Lines and codes that the marks of a broken file name."""
    return [
        (number, mark[1])
        for number, line in enumerate(text.split("\n"), 1)
        if (mark := re.search(r"#! (\w+)$", line))
    ]


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_is_told_on_its_own_line_and_nothing_else_is(mistake: str) -> None:
    good, bad = BROKEN[mistake]
    assert SMALL_FILE.count(good) == 1
    text = SMALL_FILE.replace(good, bad)
    problems = read_gathering(text.encode(), FOLDER).problems
    assert [(problem.line, problem.code) for problem in problems] == expected_in(text)
    assert all(problem.sentence[0].isupper() or problem.sentence[0] in "“0123456789" for problem in problems)


def test_every_complaint_has_been_heard() -> None:
    heard = {code for text in BROKEN.values() for _, code in expected_in(text[1])}
    known = {each.code for each in vars(complaints).values() if isinstance(each, complaints.Complaint)}
    assert known - heard == {"unreadable", "not_utf8", "too_large"}  # these have tests of their own


def test_mistakes_are_told_all_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gathering.toml"
    text = SMALL_FILE
    for mistake in ("an unknown zone", "a person twice", "an unknown source", "a bad duration", "an empty text"):
        text = text.replace(*BROKEN[mistake])
    path.write_text(text)
    with pytest.raises(GatheringFileError) as caught:
        load_gathering_file(path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == expected_in(text)
    assert caught.value.sentence().count("\nline ") == 5
    assert str(path) in caught.value.sentence()


def test_the_sentence_says_what_to_change() -> None:
    text = SMALL_FILE.replace(*BROKEN["a session that ends before it starts"])
    (problem,) = read_gathering(text.encode(), FOLDER).problems
    line = text.split("\n").index('ends = "09:30"  #! session_ends_early') + 1
    assert str(problem) == (
        f"line {line}: Session “Closing” ends before it starts (10:00–09:30). Change one of the two.")


@pytest.mark.parametrize(("mistake", "suggestion"), [
    ("a misspelt key", "“tagline”"), ("an unknown source", "“harbour”"), ("a misspelt person", "“ines”"),
    ("an unknown zone", "“Europe/Lisbon”"), ("a language in the wrong form", "“en-GB”"),
    ("a name with capitals", "“odd-vik”"), ("a time that is skipped", "2027-03-28 02:00"),
    ("a time that happens twice", "2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00"),
])
def test_what_was_probably_meant_is_suggested(mistake: str, suggestion: str) -> None:
    (problem,) = read_gathering(SMALL_FILE.replace(*BROKEN[mistake]).encode(), FOLDER).problems
    assert suggestion in problem.sentence


def test_a_stream_key_is_never_repeated_in_a_sentence() -> None:
    for mistake, written in (
        ("a stream key twice", "aaaaBBBB-1111"), ("a short stream key", "“island”"),
        ("a receiver's key with a space", "coast 1"), ("a port that is none", "99999"),
    ):
        (problem,) = read_gathering(SMALL_FILE.replace(*BROKEN[mistake]).encode(), FOLDER).problems
        assert written not in problem.sentence


def test_columns_point_at_the_key() -> None:
    text = SMALL_FILE.replace('name = "Odd Vik"', 'name = { en = "Ödd", nb = "Odd" }')
    (problem,) = read_gathering(text.encode(), FOLDER).problems
    assert text.split("\n")[problem.line - 1][problem.column - 1:].startswith("nb")


def test_a_missing_file_is_a_warning_and_the_gathering_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "gathering.toml"
    path.write_text(SMALL_FILE.replace(_ISLAND, 'kind = "still"\npath = "chart.png"'))
    (problem,) = check_gathering_file(path)
    assert problem.severity is Severity.WARNING
    assert str(tmp_path / "chart.png") in problem.sentence
    assert load_gathering_file(path).sources[1].path == tmp_path / "chart.png"
    (tmp_path / "chart.png").touch()
    assert check_gathering_file(path) == []


def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path) -> None:
    assert [problem.code for problem in check_gathering_file(tmp_path / "none.toml")] == ["unreadable"]
    assert [problem.code for problem in check_gathering_file(tmp_path)] == ["unreadable"]


@pytest.mark.parametrize(("document", "line", "code"), [
    (SMALL_FILE.encode().replace("Inês".encode(), b"In\xeas"), 10, "not_utf8"),
    (b"a = " + b"[" * 5000, 1, "bad_syntax"),
    (b"a = " + b"1" * 5000, 1, "bad_syntax"),
    (b"#" * 5_000_000, 1, "too_large"),
    (b'a = """\n\n', 3, "bad_syntax"),
], ids=["Latin 1", "brackets", "digits", "megabytes", "unended"])
def test_documents_that_are_no_toml(document: bytes, line: int, code: str) -> None:
    problems = read_gathering(document, FOLDER).problems
    assert [(problem.line, problem.code) for problem in problems] == [(line, code)]


def read(text: str) -> Gathering:
    gathering = read_gathering(text.encode(), FOLDER).gathering
    assert gathering is not None
    return gathering


def test_times_are_local_in_the_file_and_instants_in_the_gathering() -> None:
    gathering = read(SMALL_FILE)
    saturday, monday = gathering.days
    opening, night = saturday.sessions
    assert (saturday.date, saturday.starts_at, saturday.ends_at) == (
        date(2026, 10, 24), datetime(2026, 10, 24, 16, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))
    assert night.ends_at == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert monday.starts_at == datetime(2026, 10, 26, 9, tzinfo=UTC)  # winter time by then
    assert opening.items[0].duration == timedelta(minutes=4, seconds=30)
    assert opening.items[0].lower_third == gathering.persons[0] == opening.persons[0]
    assert gathering.epoch == datetime(2026, 10, 24, tzinfo=UTC)


@pytest.mark.parametrize("written", ['"10:00"', '"10:00:00"', "10:00:00", "2026-10-26T10:00:00Z",
                                     "2026-10-26T13:30:00+03:30"])
def test_a_time_can_be_written_in_several_ways(written: str) -> None:
    gathering = read(SMALL_FILE.replace('starts = "10:00"', f"starts = {written}"))
    assert gathering.days[1].sessions[0].starts_at == datetime(2026, 10, 26, 10, tzinfo=UTC)


@pytest.mark.parametrize("midnight", ["24:00", "00:00"])
def test_a_day_may_end_at_midnight_however_that_is_written(midnight: str) -> None:
    gathering = read(SMALL_FILE.replace('ends = "12:00"', f'ends = "{midnight}"').replace('"11:00"', f'"{midnight}"'))
    assert gathering.days[1].ends_at == gathering.days[1].sessions[0].ends_at == datetime(2026, 10, 27, tzinfo=UTC)


def test_sessions_and_days_may_stand_in_any_order() -> None:
    before, first, last = SMALL_FILE.partition("[[days]]\ndate = 2026-10-26")[0], "", ""
    head, first = before.split("[[days]]\n")
    last = SMALL_FILE[len(before):]
    assert read(head + last + "\n[[days]]\n" + first) == read(SMALL_FILE)


def test_identities_come_from_keys_and_stay_when_everything_else_changes() -> None:
    before = read(SMALL_FILE)
    after = read(SMALL_FILE.replace("Opening", "Beginning").replace('"18:00"', '"18:05"').replace("Welcome", "Hello"))
    assert [s.guid for d in after.days for s in d.sessions] == [s.guid for d in before.days for s in d.sessions]
    assert [item.guid for _, item in after.items()] == [item.guid for _, item in before.items()]
    assert read(SMALL_FILE.replace('"lights"', '"lamps"')).days[0].sessions[0].guid != before.days[0].sessions[0].guid


def test_these_identities_are_forever() -> None:
    gathering = read(SMALL_FILE)
    assert gathering.days[0].sessions[0].guid == "951f6f9e-b2ac-5d74-8807-f1d6bd8ed182"
    assert gathering.items()[0][1].guid == "ede83352-9084-5a4b-a589-e583b634461e"


def test_a_gathering_says_what_devices_are_left_with_and_else_nothing_is_hidden() -> None:
    title = Localized({"en": "Tide tables", "fa": "جزر و مد"})
    assert read(SMALL_FILE).trace == Trace(low=True, neutral_title=title)
    assert read(SMALL_FILE.replace(_TRACE, "[trace]\nneutral_icon = true")).trace == Trace(False, title, True)
    assert read(SMALL_FILE.replace(_TRACE, "[trace]\nlow = false")).trace.low is False
    assert read(gathering_template(now=datetime(2026, 5, 1, tzinfo=UTC))).trace == Trace()


def test_the_lines_of_the_template_about_the_trace_are_good() -> None:
    template = gathering_template(now=datetime(2026, 5, 1, tzinfo=UTC))
    lines = template[template.index("# [trace]"):].split("\n\n")[0]
    trace = read(template.replace(lines, re.sub(r"^# ", "", lines, flags=re.MULTILINE))).trace
    assert (trace.low, trace.neutral_icon) == (True, True)
    assert trace.neutral_title is not None


def test_a_rundown_may_name_the_slate() -> None:
    gathering = read(SMALL_FILE.replace('source = "harbour"', 'source = "slate"'))
    assert gathering.items()[0][1].source == SourceRef("slate")


_titles = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip)


@given(st.integers(0, 195 * 365 * 24), _titles)
def test_the_template_is_good_on_every_day_of_every_year(hour: int, title: str) -> None:
    now = datetime(1995, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    reading = read_gathering(gathering_template(title, now=now).encode(), FOLDER)
    assert not reading.problems
    assert reading.gathering
    assert reading.gathering.title.in_language("en") == title
    friday = reading.gathering.days[0].date
    assert friday.weekday() == 4
    assert timedelta(0) < friday - now.date() <= timedelta(days=8)


def test_two_templates_have_no_stream_key_in_common() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    keys = [source.stream_key for _ in range(2) for source in read(gathering_template(now=now)).sources]
    assert len(keys) == len(set(keys)) == 4


_values = ("1", "true", '""', '"x"', "[]", "[{}]", "{}", "{ en = 1 }", "nan", "1979-05-27", "07:32:00", '["x", 1]',
           "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00")
_lines = st.sampled_from([
    *(key.line for section in SECTIONS for key in section.keys), *(section.header for section in SECTIONS),
    *(f"{name} = {value}" for section in SECTIONS for name in section.names for value in _values),
    *SMALL_FILE.split("\n"),
])


@given(st.lists(_lines, max_size=40).map("\n".join) | st.text(), st.sampled_from(["", SMALL_FILE]))
def test_no_file_makes_the_reader_stumble(text: str, before: str) -> None:
    reading = read_gathering((before + text).encode(errors="replace"), FOLDER)
    last = (before + text).count("\n") + 1
    assert all(1 <= problem.line <= last and problem.sentence for problem in reading.problems)
    assert (reading.gathering is None) == any(problem.severity is Severity.ERROR for problem in reading.problems)
