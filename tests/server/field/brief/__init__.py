"""The file on one outlet, on each of the two databases."""
