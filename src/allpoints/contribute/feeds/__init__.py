"""Feeds: sources that are cued and decode. Each has one thread that reads its child; the mixer only ever pulls."""
