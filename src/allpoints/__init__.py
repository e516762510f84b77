"""Allpoints: one live gathering in tens of thousands of places at once."""

__version__ = "0.1.0"
