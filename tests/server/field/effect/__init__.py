"""Before and after a departure."""
