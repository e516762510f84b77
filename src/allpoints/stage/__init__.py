"""One picture goes out: takes, mixing, slates, graphics, and the journal of what aired."""
