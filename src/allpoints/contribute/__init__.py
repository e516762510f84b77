"""Things come in: files, stills and live publishers, all turned into sources that look alike.

Entered by ``desk`` (SourceDesk), ``ingest`` (serve_ingest), ``probe``, ``convert``, ``ingest_status`` and ``source``.
Nothing is handed on here: each inspected file starts a Python of its own, and would pay for every import of the room.
"""
