"""What the crew wants of each receiver: switched on or off, called anew. Kept in the data folder.

A file and no socket: a wish is taken while no simulcast runs, and outlives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import exclusive, write_atomically
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Receiver, ReceiverRef


class UnknownReceiver(AllpointsError):
    """A receiver that is not in the plan."""

    code = "unknown_receiver"
    status = 404
    for_people = "There is no receiver “{receiver}”. Reload the page and try again."


class WishNotKept(AllpointsError):
    """The data folder does not take the wish."""

    code = "wish_not_kept"
    status = 503
    for_people = "This could not be written down ({reason}). Make room in the data folder and try again."


class Wish(msgspec.Struct, frozen=True):
    """``is_on`` None: nobody has switched it. Each new number of ``restarts`` means: hang up and call anew."""

    is_on: bool | None = None
    restarts: int = 0

    def sends_to(self, receiver: Receiver) -> bool:
        """Whether the receiver is to be sent to: as the crew has switched it, else as the plan has it."""
        return receiver.enabled if self.is_on is None else self.is_on


Wishes = Mapping[str, Wish]


def wishes_path(folders: Folders) -> Path:
    """Where wishes lie."""
    return folders.data / "simulcast.json"


def read_wishes(folders: Folders) -> Wishes:
    """The wish for each receiver that has one."""
    try:
        return msgspec.json.decode(wishes_path(folders).read_bytes(), type=dict[str, Wish])
    except (OSError, msgspec.MsgspecError):
        return {}


def record_wish(folders: Folders, ref: ReceiverRef, change: Callable[[Wish], Wish]) -> None:
    """Write down a change. Any process may. Raises WishNotKept."""
    path = wishes_path(folders)
    try:
        with exclusive(path.with_name(path.name + ".lock")):
            wishes = dict(read_wishes(folders))
            wishes[ref] = change(wishes.get(ref, Wish()))
            write_atomically(path, msgspec.json.encode(wishes), durable=True)
    except OSError as error:
        raise WishNotKept(reason=error.strerror or type(error).__name__) from None
