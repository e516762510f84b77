"""What tests of several kinds share: stand-ins for neighbours, and an independent reader of what was published."""
