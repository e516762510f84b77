"""The doctor: says in words what about a machine is well, what is doubtful, what is wrong, and what to do."""

from allpoints.app.doctor.examination import examine
from allpoints.app.doctor.finding import Finding, Verdict, told
from allpoints.app.doctor.live import examine_live

__all__ = ["Finding", "Verdict", "examine", "examine_live", "told"]
