"""What a sync does: take in, apply, page, answer. One round trip, and what a device may hold is worked out in it."""
