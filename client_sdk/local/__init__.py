"""What stands in `replica.db`: the master's rows, the overlay, the index for searching, drafts and settings."""
