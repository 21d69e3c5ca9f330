"""Real server processes and real phones."""
