"""The program is made in sizes, sealed into segments, held back and put on shelves.

Nothing is handed on here: who reads what is released need not load the encoders, nor wait for them to load.
"""
