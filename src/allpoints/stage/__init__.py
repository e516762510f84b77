"""One picture goes out: takes, mixing, slates, graphics, and the journal of what aired."""

from allpoints.stage.journal import Recollection
from allpoints.stage.room import Stage
from allpoints.stage.rundown import Rundown

__all__ = ["Recollection", "Rundown", "Stage"]
