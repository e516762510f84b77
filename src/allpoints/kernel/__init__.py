"""The ground every room stands on: time, errors, settings, folders, text, child processes. No words of the domain."""
