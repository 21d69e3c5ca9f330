"""Departure: a person or a device leaves. Cut-off, wipe orders, receipts, drain, quarantine, the handover.

Nothing here is ever deleted. Data moves one way: the rooms above call in, this room writes to master and tells live.
"""
