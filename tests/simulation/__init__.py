"""The seeded world: server and phones on one loop without threads, with time, network and death drawn from a seed."""
