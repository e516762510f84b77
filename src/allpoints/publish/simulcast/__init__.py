"""The released program sent on to receivers outside: television, social platforms, other servers."""

from allpoints.publish.simulcast.address import shown_place
from allpoints.publish.simulcast.report import ReceiverState, SimulcastReport, read_report
from allpoints.publish.simulcast.wishes import UnknownReceiver, Wish, read_wishes, record_wish

__all__ = [
    "ReceiverState", "SimulcastReport", "UnknownReceiver", "Wish", "read_report", "read_wishes", "record_wish",
    "shown_place",
]
