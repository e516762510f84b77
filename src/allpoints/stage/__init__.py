"""One picture goes out: takes, mixing, slates, graphics, and the journal of what aired.

Nothing is handed on here: who speaks with the stage by its protocol need not load the mixer.
"""
