"""The whole path: a real server process, the real SDK, real kills."""
