"""The program is made in sizes, sealed into segments, held back and put on shelves."""
