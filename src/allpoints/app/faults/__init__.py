"""Faults: each really caused in a running gathering, and undone. The Break-it panel and the drill share them."""

from allpoints.app.faults.fault import Fault, Limits
from allpoints.app.faults.house import House
from allpoints.app.faults.table import FAULTS, fault_of

__all__ = ["FAULTS", "Fault", "House", "Limits", "fault_of"]
