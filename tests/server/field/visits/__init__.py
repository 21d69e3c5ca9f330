"""Rules that look at visits, on each of the two databases."""
