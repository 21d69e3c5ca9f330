"""Three nodes and one database: killed, paused, cut off, and nothing that was acknowledged is lost or done twice."""
