"""Somebody leaves: what would follow, the cut-off, and what became of it, as the pages show them."""
