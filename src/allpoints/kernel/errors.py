"""The one base class of everything Allpoints refuses or fails at."""

from __future__ import annotations

from typing import ClassVar


class AllpointsError(Exception):
    """An error that a person can act on.

    Subclasses carry two sentences: the class docstring is the engineer's, and ``for_people`` is an English
    message id of the translation catalogue with ``{name}`` fields, ending with what to do next. ``values`` fill
    the fields; they are names and numbers, never secrets or addresses of viewers.
    ``code`` names the kind in machine-readable answers; ``status`` is the HTTP status a web page answers with.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    for_people: ClassVar[str] = "Something went wrong. Try again; if it stays, run “allpoints doctor”."

    def __init__(self, **values: str | int | float) -> None:
        self.values = values
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The untranslated sentence for people, its fields filled in."""
        return self.for_people.format_map(self.values)
