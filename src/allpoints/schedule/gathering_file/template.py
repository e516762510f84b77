"""The file that ``allpoints init`` writes: an invented gathering to start from."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from string import Template
from zoneinfo import ZoneInfo

from allpoints.schedule.gathering_file.sources import new_stream_key

_ZONE = "Europe/Lisbon"
_FRIDAY = 4


def gathering_template(title: str = "World Assembly of Lighthouse Keepers", *, now: datetime) -> str:
    """A good, commented gathering file: three days from the first Friday after ``now``, fresh stream keys."""
    friday = _next_friday(now.astimezone(ZoneInfo(_ZONE)).date())
    words = {
        "title": json.dumps(title, ensure_ascii=False),
        "slug": "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60].strip("-") or "gathering",
        "zone": _ZONE, "harbour_key": new_stream_key(), "island_key": new_stream_key(),
        **{name: str(friday + timedelta(days=n)) for n, name in enumerate(("friday", "saturday", "sunday"))},
    }
    return Template(_TEXT).substitute(words)


def _next_friday(today: date) -> date:
    return today + timedelta(days=(_FRIDAY - today.weekday() - 1) % 7 + 1)


_TEXT = '''\
# The plan of one gathering. Change it, then run "allpoints check".
# Every key is explained in docs/reference/gathering-toml.md.

slug = "$slug"          # in addresses and file names; never change it later
name = $title
tagline = { en = "Every light answers", fa = "هر نوری پاسخ می‌دهد" }

# The languages of the texts below, the main one first. A text is written once, or once for each language.
languages = ["en", "fa"]

# All times below are local times here. Every viewer sees them in their own zone.
zone = "$zone"

# What the holding picture says whenever nothing else is on air.
slate = { en = "We will be right back", fa = "به‌زودی برمی‌گردیم" }

# Where a seized phone can harm its owner, take away the "#": docs/how-to/low-trace.md.
# [trace]
# low = true              # browsers keep nothing, and every page has a button to leave at once
# neutral_title = { en = "Weather", fa = "هوا" }
# neutral_icon = true


# Who speaks. "about" is the line under the name.

[[people]]
key = "ines-faria"
name = { en = "Inês Faria", fa = "اینس فاریا" }
about = { en = "Keeper of Cabo Claro", fa = "نگهبان کابو کلارو" }

[[people]]
key = "odd-vik"
name = "Odd Vik"
about = "Keeper of Ytre Holmen"

[[people]]
key = "samira-darya"
name = { en = "Samira Darya", fa = "سمیرا دریا" }
about = { en = "Keeper of Bandar Noor", fa = "نگهبان بندر نور" }


# What can be put on air. The source "slate" is always there.
# A live source sends RTMP; whoever knows its stream key can send, so tell it to that person only.

[[sources]]
key = "harbour-stage"
name = { en = "Harbour stage", fa = "صحنه بندر" }
kind = "rtmp"
stream_key = "$harbour_key"

[[sources]]
key = "island-studio"
name = { en = "Island studio", fa = "استودیوی جزیره" }
kind = "rtmp"
stream_key = "$island_key"

# A film and a picture; put the files beside this one and take away the "#".
# [[sources]]
# key = "harbour-film"
# name = "Harbour film"
# kind = "file"
# path = "media/harbour.mp4"
# loop = true
#
# [[sources]]
# key = "sea-chart"
# name = "Sea chart"
# kind = "still"
# path = "media/chart.png"


# Who outside is sent the program as it goes out, over RTMP or SRT; take away the "#".
# [[receivers]]
# key = "coast-tv"
# name = "Coast TV"
# url = "rtmps://live.coast.example/app"
# stream_key = "what the station gave you"
# enabled = false         # the crew switches it on


# The days, each followed by its sessions, each followed by what is put on air in it.

[[days]]
date = $friday
starts = "09:00"
ends = "18:00"

[[days.sessions]]
key = "opening"         # never change it later: calendars know the session by it
title = { en = "Opening", fa = "گشایش" }
starts = "10:00"
ends = "10:45"
people = ["ines-faria"]
abstract = { en = "How the assembly works, and who is here.", fa = "مجمع چگونه کار می‌کند و چه کسانی اینجا هستند." }

[[days.sessions.items]]
key = "countdown"
title = "Countdown"
source = "slate"
duration = "5:00"

[[days.sessions.items]]
key = "welcome"
title = { en = "Welcome from the harbour", fa = "خوش‌آمد از بندر" }
source = "harbour-stage"
duration = "40:00"
lower_third = "ines-faria"

[[days.sessions]]
key = "lamps"
title = { en = "Keeping the lamp through a storm", fa = "نگه داشتن چراغ در توفان" }
starts = "11:00"
ends = "12:00"
people = ["odd-vik"]

[[days.sessions.items]]
title = "Talk from the island"
source = "island-studio"
lower_third = "odd-vik"


[[days]]
date = $saturday
starts = "17:00"
ends = "00:30"          # not after the start, so on the next date

[[days.sessions]]
key = "night-watch"
title = { en = "The night watch", fa = "پاس شب" }
starts = "23:00"
ends = "00:30"
language = "fa"
people = ["samira-darya", "odd-vik"]

[[days.sessions.items]]
title = { en = "Conversation", fa = "گفت‌وگو" }
source = "harbour-stage"
duration = "1:25:00"


[[days]]
date = $sunday
starts = "15:00"
ends = "17:00"

[[days.sessions]]
key = "closing"
title = { en = "All lights", fa = "همه چراغ‌ها" }
starts = "16:00"
ends = "17:00"
people = ["ines-faria", "odd-vik", "samira-darya"]

[[days.sessions.items]]
title = "Harbour"
source = "harbour-stage"
duration = "30:00"

[[days.sessions.items]]
title = "Island"
source = "island-studio"
duration = "20:00"
'''
