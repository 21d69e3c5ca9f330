"""Three nodes over one PostgreSQL that fails over: whatever dies, hangs or is cut off, nothing acknowledged is lost."""
