"""Taking back what somebody changed: what the journal says of each field, what would be restored, and the act."""
