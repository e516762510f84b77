"""Recording: what all tracks have in common, and each live source on its own."""
