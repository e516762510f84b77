"""Things come in: files, stills and live publishers, all turned into sources that look alike."""
