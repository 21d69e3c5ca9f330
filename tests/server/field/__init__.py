"""The business of the archive."""
