"""Tests by kind: the folder is the kind."""
