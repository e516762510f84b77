"""Pages and API: thin, the workflows live in the rooms."""
