"""Text: shipped fonts, shaping of every script they hold, and painting; beside it the translated interface."""
