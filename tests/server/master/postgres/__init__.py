"""What only PostgreSQL has: a network to it, sessions that are ended, several primaries, roles, partitions."""
