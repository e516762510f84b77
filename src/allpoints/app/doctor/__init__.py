"""The doctor: says in words what about a machine is well, what is doubtful, what is wrong, and what to do."""

from allpoints.app.doctor.examination import examine
from allpoints.app.doctor.finding import Finding, Verdict, told

__all__ = ["Finding", "Verdict", "examine", "told"]
