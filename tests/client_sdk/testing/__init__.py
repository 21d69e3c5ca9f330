"""The company in memory, the network before it, and the bad days that an app is tested with."""
