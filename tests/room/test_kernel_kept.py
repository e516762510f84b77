"""Work that a process which starts again is spared."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from allpoints.kernel.folders import Folders
from allpoints.kernel.kept import kept
from allpoints.schedule.model import Localized
from allpoints.stage.slate import draw_slate, kept_slate


def folders_in(place: Path) -> Folders:
    return Folders(data=place, memory=place / "memory")


def test_it_is_done_once_until_something_it_depends_on_changes(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("1")
    done: list[bytes] = []

    def made(*of: str) -> bytes:
        return kept(folders_in(tmp_path), "thing", [*of, code], lambda: done.append(b"") or b"made %d" % len(done))  # type: ignore[func-returns-value]

    assert (made("a", "b"), made("a", "b"), made("ab", "")) == (b"made 1", b"made 1", b"made 2")
    code.write_text("2")
    assert made("ab", "") == b"made 3"
    assert len(list((tmp_path / "memory" / "kept").iterdir())) == 1


def test_where_nothing_can_be_kept_the_work_is_done(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("no folder")
    assert kept(folders_in(tmp_path), "thing", ["a"], lambda: b"made") == b"made"


def test_a_kept_slate_is_the_drawn_one(tmp_path: Path) -> None:
    words = Localized({"en": "Keepers"}), Localized({"en": "We begin soon"}), ["en"]
    drawn = draw_slate(*words)
    for slate in (kept_slate(folders_in(tmp_path), *words), kept_slate(folders_in(tmp_path), *words)):
        assert np.array_equal(slate.to_ndarray(), drawn.to_ndarray())
        assert (slate.colorspace, slate.color_range) == (drawn.colorspace, drawn.color_range)
