"""The file on one outlet, for whoever takes over from it alone."""
