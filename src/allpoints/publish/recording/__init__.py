"""Recording of what is released, and the erasing of what a dump covers."""
