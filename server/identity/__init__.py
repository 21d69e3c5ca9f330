"""Identity: staff, territories, rosters, devices and their keys; who asks, and what they may hold.

Nothing a device says can widen what it holds: grants, standing and leases are read from the database in each request.
"""
