"""The command line and the composition: who is joined to whom."""
